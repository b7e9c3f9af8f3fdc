from django.urls import path

from guidance.views import retention, rights, rights_done

urlpatterns = [
    path("rights/", rights.rights_list, name="rights_list"),
    path("rights/retention/", retention.retention, name="retention"),
    path("rights/<row:pk>/", rights.rights_detail, name="rights_detail"),
    path("rights/<row:pk>/answer/", rights.rights_answer, name="rights_answer"),
    path("rights/<row:pk>/extend/", rights.rights_extend, name="rights_extend"),
    path("rights/<row:pk>/data/", rights_done.rights_data, name="rights_data"),
    path("rights/<row:pk>/data.zip", rights_done.rights_file, name="rights_file"),
    path("rights/<row:pk>/erase/", rights_done.rights_erase, name="rights_erase"),
    path("rights/<row:pk>/restrict/", rights_done.rights_restrict, name="rights_restrict"),
    path("rights/<row:pk>/lift/", rights_done.rights_lift, name="rights_lift"),
    path("pathways/<pseudonym:pseudonym>/rights/add/", rights.rights_add, name="rights_add"),
]
