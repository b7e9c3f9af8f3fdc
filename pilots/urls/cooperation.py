"""Addresses of the cooperation models."""
from django.urls import path

from pilots.views import cooperation, cooperation_editing, model_files

urlpatterns = [
    path("models/", cooperation.model_list, name="model_list"),
    path("models/own/", cooperation.model_own, name="model_own"),
    path("models/add/", cooperation_editing.model_add, name="model_add"),
    path("models/<int:pk>/", cooperation.model_detail, name="model_detail"),
    path("models/<int:pk>/edit/", cooperation_editing.model_edit, name="model_edit"),
    path("models/<int:pk>/history/", cooperation.model_history_page, name="model_history"),
    path("models/<int:pk>/differences/", cooperation.model_differences, name="model_differences"),
    path("models/<int:pk>/copy/", cooperation_editing.model_copy, name="model_copy"),
    path("models/<int:pk>/confirm/", cooperation_editing.model_confirm, name="model_confirm"),
    path("models/<int:pk>/files/add/", model_files.model_file_add, name="model_file_add"),
    path("models/<int:pk>/files/<int:file_id>/", model_files.model_file, name="model_file"),
    path("models/<int:pk>/files/<int:file_id>/remove/", model_files.model_file_remove, name="model_file_remove"),
    path("models/<int:pk>/<slug:state>/", cooperation_editing.model_move, name="model_move"),
]
