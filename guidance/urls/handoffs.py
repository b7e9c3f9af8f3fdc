from django.urls import path

from guidance.views import handoff_list, handoffs, outside

urlpatterns = [
    path("handoffs/", handoff_list.handoff_list, name="handoff_list"),
    path("pathways/<pseudonym:pseudonym>/hand-over/", handoffs.handoff_send, name="handoff_send"),
    path("handoffs/<row:pk>/", handoffs.handoff_detail, name="handoff_detail"),
    path("handoffs/<row:pk>/accept/", handoffs.handoff_accept, name="handoff_accept"),
    path("handoffs/<row:pk>/decline/", handoffs.handoff_decline, name="handoff_decline"),
    path("handoffs/<row:pk>/withdraw/", handoffs.handoff_withdraw, name="handoff_withdraw"),
    path("handoffs/<row:pk>/met/", handoffs.handoff_met, name="handoff_met"),
    path("handoffs/<row:pk>/first-contact/", handoffs.handoff_contact, name="handoff_contact"),
    path("handoffs/<row:pk>/pause/", handoffs.handoff_pause, name="handoff_pause"),
    path("handoffs/<row:pk>/again/", handoffs.handoff_again, name="handoff_again"),
    path("handoffs/<row:pk>/link/", handoffs.handoff_link, name="handoff_link"),
    path("answer/<str:token>/", outside.outside_answer, name="outside_answer"),
]
