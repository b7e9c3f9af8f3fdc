from django.urls import path

from guidance.views import handoff_list, handoffs, outside

urlpatterns = [
    path("handoffs/", handoff_list.handoff_list, name="handoff_list"),
    path("pathways/<pseudonym:pseudonym>/hand-over/", handoffs.handoff_send, name="handoff_send"),
    path("handoffs/<int:pk>/", handoffs.handoff_detail, name="handoff_detail"),
    path("handoffs/<int:pk>/accept/", handoffs.handoff_accept, name="handoff_accept"),
    path("handoffs/<int:pk>/decline/", handoffs.handoff_decline, name="handoff_decline"),
    path("handoffs/<int:pk>/withdraw/", handoffs.handoff_withdraw, name="handoff_withdraw"),
    path("handoffs/<int:pk>/met/", handoffs.handoff_met, name="handoff_met"),
    path("handoffs/<int:pk>/first-contact/", handoffs.handoff_contact, name="handoff_contact"),
    path("handoffs/<int:pk>/pause/", handoffs.handoff_pause, name="handoff_pause"),
    path("handoffs/<int:pk>/again/", handoffs.handoff_again, name="handoff_again"),
    path("handoffs/<int:pk>/link/", handoffs.handoff_link, name="handoff_link"),
    path("answer/<str:token>/", outside.outside_answer, name="outside_answer"),
]
