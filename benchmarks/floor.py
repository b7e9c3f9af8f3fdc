"""The floor F: what a signed-in page costs when it does nothing (session, user, one template: 2 queries)."""
from django.shortcuts import render

PATH = "/floor/"


def answer_floor(get_response):
    """Stands right behind the authentication, so that the floor asks for the session and the user and nothing else."""

    def middleware(request):
        if request.path == PATH:
            return render(request, "floor.html", {"person": request.user.name})
        return get_response(request)

    return middleware
