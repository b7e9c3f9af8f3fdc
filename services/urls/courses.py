from django.urls import path

from services.views import courses

urlpatterns = [
    path("<row:pk>/runs/add/", courses.run_add, name="run_add"),
    path("runs/<row:pk>/", courses.run_detail, name="run_detail"),
    path("runs/<row:pk>/enrol/", courses.run_enrol, name="run_enrol"),
    path("runs/<row:pk>/edit/", courses.run_edit, name="run_edit"),
    path("runs/<row:pk>/call-off/", courses.run_call_off, name="run_call_off"),
    path("runs/<row:pk>/quotas/", courses.run_quotas, name="run_quotas"),
    path("runs/<row:pk>/enrolments/", courses.run_enrolments, name="run_enrolments"),
    path("enrolments/", courses.enrolment_list, name="enrolment_list"),
    path("enrolments/<row:pk>/", courses.enrolment_detail, name="enrolment_detail"),
]
