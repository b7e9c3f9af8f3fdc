from django.urls import path

from guidance.views import lead, partnership_page, partnerships, programmes

urlpatterns = [
    path("partnerships/", partnership_page.partnership_list, name="partnership_list"),
    path("partnerships/add/", partnerships.partnership_add, name="partnership_add"),
    path("partnerships/<slug:slug>/", partnership_page.partnership_detail, name="partnership_detail"),
    path("partnerships/<slug:slug>/edit/", partnerships.partnership_edit, name="partnership_edit"),
    path("partnerships/<slug:slug>/parts/add/", partnerships.partnership_part_add, name="partnership_part_add"),
    path("partnerships/<slug:slug>/parts/<row:pk>/", partnerships.partnership_part_edit, name="partnership_part_edit"),
    path("partnerships/<slug:slug>/parts/<row:pk>/remove/", partnerships.partnership_part_remove, name="partnership_part_remove"),
    path("partnerships/<slug:slug>/lead/", partnerships.partnership_lead, name="partnership_lead"),
    path("partnerships/<slug:slug>/stages/", partnerships.partnership_stages, name="partnership_stages"),
    path("partnerships/<slug:slug>/programmes/add/", programmes.programme_add, name="programme_add"),
    path("partnerships/<slug:slug>/programmes/<row:pk>/", programmes.programme_edit, name="programme_edit"),
    path("partnerships/<slug:slug>/programmes/<row:pk>/end/", programmes.programme_end, name="programme_end"),
    path("partnerships/<slug:slug>/programmes/<row:pk>/resume/", programmes.programme_resume, name="programme_resume"),
    path("partnerships/<slug:slug>/open/", partnerships.partnership_open, name="partnership_open"),
    path("partnerships/<slug:slug>/follow-up/", lead.lead_list, name="lead_list"),
    path("partnerships/<slug:slug>/follow-up/check/", lead.lead_check, name="lead_check"),
    path("partnerships/<slug:slug>/follow-up/handoffs/<row:pk>/remind/", lead.lead_remind, name="lead_remind"),
]
