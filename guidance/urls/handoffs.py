from django.urls import path

from guidance.views import handoff_answers, handoff_list, handoff_send, handoffs, outside, share

urlpatterns = [
    path("handoffs/", handoff_list.handoff_list, name="handoff_list"),
    path("pathways/<pseudonym:pseudonym>/hand-over/", handoff_send.handoff_send, name="handoff_send"),
    path("handoffs/<row:pk>/", handoffs.handoff_detail, name="handoff_detail"),
    path("handoffs/<row:pk>/accept/", handoff_answers.handoff_accept, name="handoff_accept"),
    path("handoffs/<row:pk>/decline/", handoff_answers.handoff_decline, name="handoff_decline"),
    path("handoffs/<row:pk>/withdraw/", handoff_answers.handoff_withdraw, name="handoff_withdraw"),
    path("handoffs/<row:pk>/met/", handoff_answers.handoff_met, name="handoff_met"),
    path("handoffs/<row:pk>/first-contact/", handoff_answers.handoff_contact, name="handoff_contact"),
    path("handoffs/<row:pk>/pause/", handoff_answers.handoff_pause, name="handoff_pause"),
    path("handoffs/<row:pk>/again/", handoff_send.handoff_again, name="handoff_again"),
    path("handoffs/<row:pk>/link/", handoff_answers.handoff_link, name="handoff_link"),
    path("answer/<str:token>/", outside.outside_answer, name="outside_answer"),
    path("shared/<str:key>/", share.share_open, name="share_open"),
]
