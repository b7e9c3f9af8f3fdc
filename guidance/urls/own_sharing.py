"""What a client shares and may ask about: a part of the own pages (guidance/urls/own.py)."""
from django.urls import path

from guidance.views import own_sharing

urlpatterns = [
    path("links/", own_sharing.share_list, name="share_list"),
    path("links/add/", own_sharing.share_add, name="share_add"),
    path("links/<row:pk>/end/", own_sharing.share_revoke, name="share_revoke"),
]
