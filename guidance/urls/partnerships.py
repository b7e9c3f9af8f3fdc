from django.urls import path

from guidance.views import lead, partnerships

urlpatterns = [
    path("partnerships/", partnerships.partnership_list, name="partnership_list"),
    path("partnerships/add/", partnerships.partnership_add, name="partnership_add"),
    path("partnerships/<slug:slug>/", partnerships.partnership_detail, name="partnership_detail"),
    path("partnerships/<slug:slug>/edit/", partnerships.partnership_edit, name="partnership_edit"),
    path("partnerships/<slug:slug>/parts/add/", partnerships.partnership_part_add, name="partnership_part_add"),
    path("partnerships/<slug:slug>/parts/<row:pk>/", partnerships.partnership_part_edit, name="partnership_part_edit"),
    path("partnerships/<slug:slug>/parts/<row:pk>/remove/", partnerships.partnership_part_remove, name="partnership_part_remove"),
    path("partnerships/<slug:slug>/lead/", partnerships.partnership_lead, name="partnership_lead"),
    path("partnerships/<slug:slug>/open/", partnerships.partnership_open, name="partnership_open"),
    path("partnerships/<slug:slug>/follow-up/", lead.lead_list, name="lead_list"),
    path("partnerships/<slug:slug>/follow-up/check/", lead.lead_check, name="lead_check"),
]
