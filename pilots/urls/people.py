"""Addresses of people: who belongs to an organisation, invitations, requests to join, and for whom one acts."""
from django.urls import path

from pilots.views import acting, invitations, join, people, tokens

urlpatterns = [
    path("people/", people.people_list, name="people_list"),
    path("people/<slug:slug>/", people.people_list, name="people_of"),
    path("people/<slug:slug>/log/", people.people_log, name="people_log"),
    path("people/<slug:slug>/invite/", invitations.invitation_create, name="invitation_create"),
    path("people/invitations/<int:pk>/resend/", invitations.invitation_resend, name="invitation_resend"),
    path("people/invitations/<int:pk>/withdraw/", invitations.invitation_withdraw, name="invitation_withdraw"),
    path("people/requests/<int:pk>/", join.join_decide, name="join_decide"),
    path("people/memberships/<int:pk>/end/", people.membership_end, name="membership_end"),
    path("invitation/<str:token>/", invitations.invitation_accept, name="invitation_accept"),
    path("join/", join.join_ask, name="join_ask"),
    path("join/<int:pk>/withdraw/", join.join_withdraw, name="join_withdraw"),
    path("memberships/<int:pk>/leave/", people.membership_leave, name="membership_leave"),
    path("api-keys/", tokens.token_list, name="token_list"),
    path("api-keys/<int:pk>/revoke/", tokens.token_revoke, name="token_revoke"),
    path("acting/", acting.acting_choose, name="acting_choose"),
]
