from django.urls import path

from guidance.views import figures

urlpatterns = [
    path("partnerships/<slug:slug>/from-unemployment-to-qualification/", figures.figure_kuvio1, name="figure_kuvio1"),
    path("partnerships/<slug:slug>/guidance-process/", figures.figure_kuvio2, name="figure_kuvio2"),
]
