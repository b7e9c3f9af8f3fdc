"""Obstacles, proposals, and what the law already allows."""
from django.urls import path

from pilots.views import lawful, obstacle_editing, obstacle_merging, obstacles, proposals

urlpatterns = [
    path("obstacles/", obstacles.obstacle_list, name="obstacle_list"),
    path("obstacles/add/", obstacle_editing.obstacle_add, name="obstacle_add"),
    path("obstacles/<int:pk>/", obstacles.obstacle_detail, name="obstacle_detail"),
    path("obstacles/<int:pk>/history/", obstacles.obstacle_history, name="obstacle_history"),
    path("obstacles/<int:pk>/edit/", obstacle_editing.obstacle_edit, name="obstacle_edit"),
    path("obstacles/<int:pk>/publish/", obstacle_editing.obstacle_publish, name="obstacle_publish"),
    path("obstacles/<int:pk>/weight/", obstacle_editing.weight_add, name="obstacle_weight"),
    path("obstacles/<int:pk>/weight/take-back/", obstacle_editing.weight_take_back, name="obstacle_weight_back"),
    path("obstacles/<int:pk>/status/", obstacle_editing.obstacle_move, name="obstacle_move"),
    path("obstacles/<int:pk>/merge/", obstacle_merging.obstacle_merge, name="obstacle_merge"),
    path("obstacles/<int:pk>/merge/<int:into>/", obstacle_merging.obstacle_merge_confirm, name="obstacle_merge_confirm"),
    path("obstacles/<int:pk>/proposals/add/", proposals.proposal_add, name="proposal_add"),
    path("proposals/", proposals.proposal_list, name="proposal_list"),
    path("proposals/print/", proposals.proposal_print, name="proposal_print"),
    path("proposals/<int:pk>/", proposals.proposal_detail, name="proposal_detail"),
    path("proposals/<int:pk>/edit/", proposals.proposal_edit, name="proposal_edit"),
    path("proposals/<int:pk>/status/", proposals.proposal_move, name="proposal_move"),
    path("law/", lawful.lawful_list, name="lawful_list"),
    path("law/<slug:slug>/models/", lawful.lawful_models, name="lawful_models"),
]
