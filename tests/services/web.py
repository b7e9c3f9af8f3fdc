"""A handler of services in front of a browser's worth of requests."""
from datetime import time

from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.sessions import ACTING_FOR
from pilots.models import Membership
from services.forms.times import written_time


def url(name: str, *args) -> str:
    """In English, which the tests read."""
    with translation.override("en"):
        return reverse(f"services:{name}", args=args)


def sign_in(person: Membership) -> Client:
    client = Client()
    client.force_login(person.user)
    session = client.session
    session[ACTING_FOR] = person.pk
    session.save()
    return client


def sent(form, /, **fields) -> dict:
    """What a browser sends of the form as it is shown, with `fields` written over it."""
    shown = {field.html_name: written_time(value) if isinstance(value := field.value(), time) else value for field in form}
    return {name: value for name, value in (shown | fields).items() if value is not None}
