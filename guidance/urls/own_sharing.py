"""What a client shares and may ask about: a part of the own pages (guidance/urls/own.py)."""
from django.urls import path

from guidance.views import own_readings, own_sharing

urlpatterns = [
    path("readers/", own_readings.reading_list, name="reading_list"),
    path("access/", own_readings.access_list, name="access_list"),
    path("access/<row:pk>/withdraw/", own_readings.consent_withdraw, name="consent_withdraw"),
    path("access/outside/<row:pk>/withdraw/", own_readings.consent_withdraw_outside, name="consent_withdraw_outside"),
    path("links/", own_sharing.share_list, name="share_list"),
    path("links/add/", own_sharing.share_add, name="share_add"),
    path("links/<row:pk>/end/", own_sharing.share_revoke, name="share_revoke"),
]
