from django.urls import path

from pilots.views.area_editing import area_edit
from pilots.views.contact_editing import contact_add, contact_confirm, contact_edit, contact_end
from pilots.views.history import area_history_page
from pilots.views.member_editing import member_add, member_end

urlpatterns = [
    path("areas/<slug:slug>/edit/", area_edit, name="area_edit"),
    path("areas/<slug:slug>/history/", area_history_page, name="area_history"),
    path("areas/<slug:slug>/contacts/add/", contact_add, name="contact_add"),
    path("areas/<slug:slug>/contacts/<int:pk>/edit/", contact_edit, name="contact_edit"),
    path("areas/<slug:slug>/contacts/<int:pk>/confirm/", contact_confirm, name="contact_confirm"),
    path("areas/<slug:slug>/contacts/<int:pk>/end/", contact_end, name="contact_end"),
    path("areas/<slug:slug>/members/add/", member_add, name="member_add"),
    path("areas/<slug:slug>/members/<int:pk>/end/", member_end, name="member_end"),
]
