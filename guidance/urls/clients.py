from django.urls import path

from guidance.views import caseload, client_add, client_merge, clients, dropins, protection, seats

urlpatterns = [
    path("clients/", clients.client_list, name="client_list"),
    path("clients/search/", clients.client_search, name="client_search"),
    path("clients/add/", client_add.client_add, name="client_add"),
    path("clients/<pseudonym:pseudonym>/edit/", clients.client_edit, name="client_edit"),
    path("clients/<pseudonym:pseudonym>/protection/", protection.client_protect, name="client_protect"),
    path("clients/<pseudonym:pseudonym>/protection/end/", protection.client_unprotect, name="client_unprotect"),
    path("clients/<pseudonym:pseudonym>/protection/people/", protection.client_named_people, name="client_named_people"),
    path("clients/<pseudonym:pseudonym>/merge/", client_merge.client_merge, name="client_merge"),
    path("courses/", seats.course_list, name="course_list"),
    path("courses/<row:pk>/", seats.course_sheet, name="course_sheet"),
    path("courses/<row:pk>/names.xlsx", seats.course_sheet_file, name="course_sheet_file"),
    path("drop-ins/", dropins.drop_in_list, name="drop_in_list"),
    path("drop-ins/add/", dropins.drop_in_list, name="drop_in_add"),
    path("caseload/", caseload.caseload_move, name="caseload_move"),
    path("absences/", caseload.absence_list, name="absence_list"),
    path("absences/<row:pk>/", caseload.absence_change, name="absence_change"),
    path("absences/<row:pk>/end/", caseload.absence_end, name="absence_end"),
]
