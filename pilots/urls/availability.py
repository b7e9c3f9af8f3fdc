from django.urls import path

from pilots.views import availability

urlpatterns = [
    path("what-can-i-study/", availability.learner_find, name="learner_find"),
    path("areas/<slug:slug>/availability/add/", availability.provision_add, name="provision_add"),
    path("areas/<slug:slug>/availability/<int:pk>/edit/", availability.provision_edit, name="provision_edit"),
    path("areas/<slug:slug>/availability/<int:pk>/history/", availability.provision_history_page, name="provision_history"),
    path("areas/<slug:slug>/availability/<int:pk>/end/", availability.provision_end, name="provision_end"),
]
