"""The client's own pages: My path, its timeline and files, and what the client writes."""
from allauth.core.internal import ratelimit
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from guidance.actions.own_account import close_own_account
from guidance.actions.own_entries import write_entry
from guidance.choices import EntryKind, StepKind
from guidance.forms.outcomes import refused
from guidance.forms.own import CloseForm, EntryForm
from guidance.models import Attachment, Event, Pathway
from guidance.own import own_page
from guidance.queries.own_path import own_paths
from guidance.queries.own_written import written_by
from guidance.queries.timeline import own_timeline, read_cursor
from pilots.attachments import open_stored

EVENTS_ON_PATH = 8
INVALID = 422
# What a person writes in an hour is less; a program that has come by the session is stopped.
LIMITS = {"own_write": "30/h/key"}
TITLES = {
    EntryKind.GOAL: gettext_lazy("My goal and wishes"),
    EntryKind.DONE: gettext_lazy("I did this"),
    EntryKind.QUESTION: gettext_lazy("Ask a question"),
    EntryKind.NOT_CONTACTED: gettext_lazy("Nobody has contacted me"),
    EntryKind.NOT_RIGHT: gettext_lazy("This is not right"),
}
THEN = {
    EntryKind.GOAL: gettext_lazy("Those who help you read it. It becomes part of your path."),
    EntryKind.DONE: gettext_lazy("Those who help you see it."),
    EntryKind.QUESTION: gettext_lazy("Those who help you see it and answer here."),
    EntryKind.NOT_CONTACTED: gettext_lazy("This goes at once to the person who answers for your matter, and to the one who leads the work. Somebody answers you here."),
    EntryKind.NOT_RIGHT: gettext_lazy("You have the right to have wrong data put right. You get an answer within one month, and the day is shown here."),
}
SAID = {
    EntryKind.GOAL: gettext_lazy("Thank you. Those who help you see what you wrote."),
    EntryKind.DONE: gettext_lazy("Thank you. Those who help you see it."),
    EntryKind.QUESTION: gettext_lazy("Your question has been sent. You see the answer here."),
    EntryKind.NOT_CONTACTED: gettext_lazy("It has been sent. The person who answers for your matter sees it at once."),
    EntryKind.NOT_RIGHT: gettext_lazy("It has been sent. You see here by which day you get an answer."),
}


def _own(request: HttpRequest, pseudonym: str) -> Pathway:
    for pathway in request.own_pathways:
        if pathway.pseudonym == pseudonym:
            return pathway
    raise Http404


@require_safe
@own_page
def own_path(request: HttpRequest) -> HttpResponse:
    paths = own_paths(request.own_account, request.own_pathways, timezone.now())
    context = {
        "paths": paths,
        "timeline": own_timeline(paths[0].pathway, size=EVENTS_ON_PATH) if paths else None,
        "kinds": [(kind.value, TITLES[kind]) for kind in (EntryKind.QUESTION, EntryKind.DONE, EntryKind.NOT_CONTACTED, EntryKind.GOAL, EntryKind.NOT_RIGHT)],
    }
    return render(request, "guidance/own_path.html", context)


@require_safe
@own_page
def own_timeline_page(request: HttpRequest, pseudonym: str) -> HttpResponse:
    pathway = _own(request, pseudonym)
    context = {"pathway": pathway, "timeline": own_timeline(pathway, read_cursor(request.GET.get("before", ""))), "breadcrumbs": _breadcrumbs(_("What has happened"))}
    return render(request, "guidance/own_timeline.html", context)


@require_safe
@own_page
def own_written(request: HttpRequest) -> HttpResponse:
    """What the client has written, with the answers and what still waits for one."""
    return render(request, "guidance/own_written.html", {"entries": list(written_by(request.own_account)), "breadcrumbs": _breadcrumbs(_("What I have written"))})


@require_safe
@own_page
def own_file(request: HttpRequest, pseudonym: str, pk: int) -> HttpResponse:
    """A file that came with an event the client reads; always a download."""
    pathway = _own(request, pseudonym)
    attachment = Attachment.objects.filter(pk=pk, pathway=pathway, event__in=Event.objects.filter(pathway=pathway).for_client().counted()).first()
    if attachment is None:
        raise Http404
    try:
        file = open_stored(attachment.stored_as)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(file, as_attachment=True, filename=attachment.name, content_type=attachment.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def own_write(request: HttpRequest, pseudonym: str, kind: str) -> HttpResponse:
    pathway = _own(request, pseudonym)
    if kind not in EntryKind.values or (pathway.closed_at and kind != EntryKind.NOT_RIGHT):
        raise Http404
    kind = EntryKind(kind)
    steps = pathway.next_steps.open().filter(by_client=True).exclude(kind=StepKind.APPOINTMENT)
    form = EntryForm(request.POST if request.method == "POST" else None, kind=kind, steps=steps, step=request.GET.get("step") or None)
    if request.method == "POST" and ratelimit.consume(request, app="guidance", action="own_write", config=LIMITS, key=str(request.user.pk)) is None:
        form.add_error(None, _("You have written a lot in a short time. Wait an hour, or call."))
    if form.is_valid():
        try:
            write_entry(account=request.own_account, pathway=pathway, kind=kind, text=form.cleaned_data["text"], step=form.cleaned_data.get("step"), token=form.cleaned_data["token"], now=timezone.now())
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, SAID[kind])
            return redirect("own:written")
    context = {"pathway": pathway, "form": form, "title": TITLES[kind], "then": THEN[kind], "cancel_url": reverse("own:path"), "breadcrumbs": _breadcrumbs(TITLES[kind])}
    return render(request, "guidance/own_write.html", context, status=INVALID if form.is_bound and form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def own_close(request: HttpRequest) -> HttpResponse:
    """The end of the account, at the client's own wish: what goes, what stays, and the press."""
    form = CloseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        close_own_account(account=request.own_account, now=timezone.now())
        # Not `logout`: the row of the read log, which comes after, still tells who it was.
        request.session.flush()
        messages.success(request, _("Your page is closed. Those who guide you go on with you as before; call them when you want to."))
        response = redirect("home")
        response["Clear-Site-Data"] = '"cache"'
        return response
    context = {"form": form, "cancel_url": reverse("own:path"), "breadcrumbs": _breadcrumbs(_("Close my page"))}
    return render(request, "guidance/own_close.html", context, status=INVALID if form.errors else 200)


def _breadcrumbs(here) -> list[tuple[str, str]]:
    return [(_("My path"), reverse("own:path")), (here, "")]
