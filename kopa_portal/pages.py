"""Pages that belong to no app: what the portal is, how it treats people and data, feedback, and the language switch."""
import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actions.outbox import queue_mail
from accounts.personal import Personal, What, Who, Why, declared
from guidance.models import RetentionRule
from kopa_portal.navigation import is_client

# The day on which the statements were last read through against the portal as it is.
STATEMENTS_READ_ON = date(2026, 11, 22)
FEEDBACK_WINDOW = timedelta(hours=1)
FEEDBACK_IN_WINDOW = 5
# How long the same form sent again is known as the same.
FEEDBACK_REMEMBERED = timedelta(days=1)


@require_safe
def set_language(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the chosen language in a cookie and go to the same page in it; the choice later redirects only the root."""
    target = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = "/"
    response = HttpResponseRedirect(target)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=365 * 24 * 60 * 60,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
    return response


@require_safe
def page(request: HttpRequest, template: str) -> HttpResponse:
    context = {"controller": settings.CONTROLLER_NAME, "takes_feedback": bool(settings.FEEDBACK_EMAIL), "read_on": STATEMENTS_READ_ON, "is_client": is_client(request)}
    return render(request, template, context | {"makes_backups": bool(settings.BACKUP_DIR), "backups_kept": settings.BACKUP_KEEP_DAYS})


@dataclass(frozen=True)
class Activity:
    """One purpose about one group of people, with every table that serves it."""

    why: Why
    of: Who
    receivers: str
    tables: list[tuple[type[Model], Personal]]

    @property
    def labels(self) -> list[str]:
        return [model._meta.label for model, _personal in self.tables]

    @property
    def categories(self) -> list[str]:
        held = {what for _model, personal in self.tables for what in personal.holds}
        return [str(what.label) for what in What if what in held]

    @property
    def kept(self) -> list[str]:
        return list(dict.fromkeys(str(personal.kept.label) for _model, personal in self.tables))


def receivers(why: Why) -> str:
    return {
        Why.GUIDANCE: _("The organisations that take part in the guidance of that client, each from its hand-off on, and a body outside that a hand-off names. Nobody else, not even Kuntaliitto."),
        Why.IMPORT: _("The organisation whose list it is."),
        Why.RIGHTS: _("The organisations that answer for some of the client's data, and the client."),
        Why.FIGURES: _("The organisations that take part in the guidance of that client. What is published is frozen by the month, with small counts hidden."),
        Why.SUPERVISION: _("Those who supervise data protection in the organisation concerned."),
        Why.ACCOUNTS: _("The administrators of the person's organisation and of the portal."),
        Why.COOPERATION: _("Contact people are public. Who wrote and decided what is seen by readers who act for an organisation."),
        Why.SHARING: _("The organisations that share the facility, the staff or the course with each other."),
        Why.MAIL: _("The mail server of the body that runs the portal, and the receiver."),
    }[why]


@require_safe
def processing(request: HttpRequest) -> HttpResponse:
    """The record of processing activities, made of what the models themselves declare: it cannot be older than the portal."""
    activities: dict[tuple[Why, Who], Activity] = {}
    for model, personal in declared():
        key = (personal.why, personal.of)
        activities.setdefault(key, Activity(*key, receivers(personal.why), [])).tables.append((model, personal))
    rows = sorted(activities.values(), key=lambda one: (list(Why).index(one.why), list(Who).index(one.of)))
    return render(request, "pages/processing.html", {"activities": rows, "controller": settings.CONTROLLER_NAME, "privacy": reverse("privacy"), "kept": RetentionRule.objects.select_related("organisation").order_by("organisation__sort_key_fi", "what")})


@dataclass(frozen=True)
class Example:
    """A command that a developer can copy; `needs_key`: it reads what only a key reads."""

    what: str
    path: str
    needs_key: bool = False

    @property
    def command(self) -> str:
        key = ' -H "Authorization: Bearer $KOPA_KEY"' if self.needs_key else ""
        return f'curl{key} "{settings.PUBLIC_ORIGIN}{self.path}"'


def examples(language: str) -> list[Example]:
    return [
        Example(_("The pilot areas"), f"/api/v1/areas?lang={language}"),
        Example(_("Organisations that give upper secondary education, ten a page"), "/api/v1/organisations?form=general-upper-secondary&page_size=10"),
        Example(_("Municipalities that take part in KOPA"), "/api/v1/municipalities?kopa=in"),
        Example(_("Cooperation models in use"), "/api/v1/models?status=in_use"),
        Example(_("Shared facilities, as everybody may know of them"), f"/api/v1/services?kind=facility&lang={language}"),
        Example(_("Services that are given on the spot, in full, as they are offered to your organisation"), "/api/v1/services?delivery=contact", needs_key=True),
        Example(_("Course runs with their seats"), "/api/v1/course-runs", needs_key=True),
        Example(_("How many members the network had, month by month"), "/api/v1/figures?figure=members&of=network"),
    ]


@require_safe
def developers(request: HttpRequest) -> HttpResponse:
    """How programmes read the portal; the examples are run by the tests."""
    context = {"examples": examples(get_language() or "fi"), "without_key": settings.API_MOST_WITHOUT_KEY, "with_key": settings.API_MOST_WITH_KEY, "document": reverse("api_document"), "hsds": reverse("hsds_base"), "feed": reverse("summaries:change_feed")}
    return render(request, "pages/developers.html", context)


class FeedbackForm(forms.Form):
    token = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(
        label=gettext_lazy("Your feedback"),
        max_length=4000,
        error_messages={"required": gettext_lazy("Write what you want to tell us.")},
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("Do not write about anyone's private matters, such as health or studies."),
    )
    about = forms.CharField(
        label=gettext_lazy("The page it is about"), max_length=300, required=False, help_text=gettext_lazy("The address of the page, or what you were doing.")
    )
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"), max_length=254, required=False, help_text=gettext_lazy("Only if you would like an answer.")
    )


@transaction.atomic
def send_feedback(*, text: str, about: str, email: str, language: str, token: uuid.UUID, sender: str) -> bool:
    """Queue a mail to whoever reads the feedback; False when this very form has been sent already.

    `sender` is the network address: kept for an hour, and only as a keyed hash, to stop floods.
    Raises ValidationError when too much has come from it. The cache lies in the same database, so that a mail that
    could not be stored takes no token with it.
    """
    sent = f"feedback:{token}"
    if cache.get(sent):
        return False
    window = int(timezone.now().timestamp() // FEEDBACK_WINDOW.total_seconds())
    count = f"feedback:{salted_hmac('kopa_portal.feedback', sender).hexdigest()}:{window}"
    if (number := cache.get(count, 0)) >= FEEDBACK_IN_WINDOW:
        raise ValidationError(_("Much feedback has been sent from your network in the last hour. Your text is still here: send it again in an hour."))
    if not cache.add(sent, 1, FEEDBACK_REMEMBERED.total_seconds()):
        return False
    cache.set(count, number + 1, FEEDBACK_WINDOW.total_seconds())
    context = {"text": text, "about": about, "email": email, "language": language}
    queue_mail(kind="feedback", to_email=settings.FEEDBACK_EMAIL, language="fi", context=context)
    return True


@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: HttpRequest) -> HttpResponse:
    if not settings.FEEDBACK_EMAIL:
        return render(request, "pages/feedback.html", {"form": None, "controller": settings.CONTROLLER_NAME})
    form = FeedbackForm(request.POST or None, initial={"token": uuid.uuid4(), "about": _page_before(request)})
    if form.is_valid():
        try:
            send_feedback(**form.cleaned_data, language=get_language() or "fi", sender=get_adapter(request).get_client_ip(request))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            if form.cleaned_data["email"]:
                messages.success(request, _("Thank you. Your feedback is on its way, and the answer comes to the address that you gave."))
            else:
                messages.success(request, _("Thank you. Your feedback is on its way. You gave no e-mail address, so there will be no answer."))
            return redirect("feedback")
    return render(request, "pages/feedback.html", {"form": form, "controller": settings.CONTROLLER_NAME})


def _page_before(request: HttpRequest) -> str:
    """The path of the portal's own page that led here, which the browser tells."""
    try:
        before = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return ""
    return before.path[:300] if before.netloc == request.get_host() and before.path != request.path else ""
