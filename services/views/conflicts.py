"""Somebody else of the own organisation was quicker: answered 409, with the way to the page as it now is."""
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from services.conflicts import Conflict


def changed_page(request: HttpRequest, conflict: Conflict, back_url: str) -> HttpResponse:
    return render(request, "services/changed.html", {"message": conflict.message, "back_url": back_url}, status=409)
