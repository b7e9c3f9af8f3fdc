"""The timeline: more of it, logging a contact, files."""
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guidance.actions.attachments import attach_file, remove_file
from guidance.actions.contacts import log_event, take_back_event
from guidance.choices import LOGGED_BY_HAND, CheckIn, EventKind
from guidance.forms.outcomes import refused
from guidance.forms.timeline import AttachmentForm, CheckInForm, LogForm
from guidance.models import Attachment, Event, Pathway
from guidance.queries.timeline import TimelineFilter, participants_ever, timeline_page
from guidance.reading import Refused, client_page, get_pathway_for
from guidance.views.pathways import back_to, breadcrumbs, form_page, get_of, posted
from pilots.attachments import LARGEST, open_stored


@require_safe
@client_page
def pathway_timeline(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Thirty events at a time; kind and organisation narrow it by codes in the address, never by text."""
    pathway = get_pathway_for(request, pseudonym)
    narrow = TimelineFilter.read(request.GET)
    return render(
        request,
        "guidance/timeline_page.html",
        {
            "pathway": pathway,
            "timeline": timeline_page(request.acting, pathway, narrow),
            "narrow": narrow,
            "kinds": EventKind.choices,
            "organisations": participants_ever(pathway),
            "breadcrumbs": breadcrumbs(pathway, (_("Timeline"), "")),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def pathway_log(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Log a contact; the small form of the pathway's page posts here too.

    A text that seems to tell of somebody's health is shown once more before it is stored; the second press stores it.
    """
    pathway = get_pathway_for(request, pseudonym)
    form = LogForm(posted(request), pathway=pathway, acting=request.acting)
    warned_of = []
    if form.is_valid():
        warned_of = [] if "as_it_is" in request.POST else form.health_words
        if not warned_of:
            try:
                event = log_event(by=request.acting, pathway=pathway, **form.values())
            except ValidationError as error:
                refused(form, error)
            else:
                messages.success(request, _with_undo(pathway, event, _said_of(form)))
                if event.detail.get("entries"):
                    messages.info(request, _("This answers the client, who had written that nobody has contacted them. It waits no more."))
                return back_to(pathway)
    response = form_page(request, "guidance/timeline_log.html", pathway, form, _("Log a contact"), warned_of=warned_of)
    if warned_of:
        response.status_code = 422
    return response


def _said_of(form: LogForm) -> str:
    done, following = form.cleaned_data["step"], form.cleaned_data["next_when"]
    if done:
        return _("Logged, and the step is done. What comes next is on your list.") if following else _("Logged, and the step is done. The other open steps are below.")
    return _("Logged. What comes next is on your list.") if following else _("Logged. Does the next step still fit?")


@require_POST
@client_page
def check_in_add(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """One click: how the studies go, or that nobody answered."""
    pathway = get_pathway_for(request, pseudonym)
    form = CheckInForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Nothing was logged. Press the button once more."))
        return back_to(pathway)
    try:
        event = log_event(by=request.acting, pathway=pathway, **form.values())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return back_to(pathway)
    messages.success(request, _with_undo(pathway, event, _next_after(event)))
    return back_to(pathway)


def _with_undo(pathway: Pathway, event: Event, said: str) -> str:
    """What was logged by one press is undone by two."""
    return format_html('{} <a href="{}">{}</a>', said, reverse("guidance:event_take_back", args=[pathway.pseudonym, event.pk]), _("Take it back"))


def _next_after(event: Event) -> str:
    if event.kind == EventKind.NO_ANSWER:
        return _("“No answer” is logged. Three in a row put the client on the waiting list; agree when you try again.")
    if event.check_in in (CheckIn.WORRIED, CheckIn.ABSENT):
        return _("The check-in is logged and both sides see it. Add a next step, so that the worry is not left alone.")
    return _("The check-in is logged and both sides see it.")


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def event_take_back(request: HttpRequest, pseudonym: str, pk: int) -> HttpResponse:
    """Whoever logged something takes it back; another's is as good as missing."""
    pathway = get_pathway_for(request, pseudonym)
    event = get_of(pathway, Event.objects.filter(by=request.acting, kind__in=LOGGED_BY_HAND), pk)
    if request.method == "POST":
        try:
            take_back_event(by=request.acting, event=event)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("Taken back. It stays on the timeline, marked, and counts for nothing any more."))
        return back_to(pathway)
    context = {"pathway": pathway, "event": event, "cancel_url": pathway.get_absolute_url(), "breadcrumbs": breadcrumbs(pathway, (_("Take back what was logged"), ""))}
    return render(request, "guidance/event_take_back.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def attachment_add(request: HttpRequest, pseudonym: str) -> HttpResponse:
    pathway = get_pathway_for(request, pseudonym)
    form = AttachmentForm(posted(request), request.FILES or None, pathway=pathway, own_organisation_id=request.acting.organisation_id)
    if form.is_valid():
        values = dict(form.cleaned_data)
        file = values.pop("file")
        try:
            # One byte more than allowed is enough to know; the rest of a large file is never read into memory.
            attach_file(by=request.acting, pathway=pathway, name=file.name, content=file.read(LARGEST + 1), **values)
        except ValidationError as error:
            refused(form, error if hasattr(error, "error_dict") else ValidationError({"file": error.error_list}))
        else:
            messages.success(request, _("The file is attached. Those who may read its note may open it."))
            return back_to(pathway)
    return form_page(request, "guidance/timeline_attach.html", pathway, form, _("Attach a file"), multipart=True)


def _readable_file(request: HttpRequest, pathway, pk: int) -> Attachment:
    """A file is read by whoever may read the event that it came with; another's is as good as missing."""
    readable = Event.objects.filter(pathway=pathway).visible_to(request.acting.organisation_id)
    return get_of(pathway, Attachment.objects.filter(event__in=readable), pk)


@require_safe
@client_page
def attachment_file(request: HttpRequest, pseudonym: str, pk: int) -> HttpResponse:
    """Always a download, never shown inside a page; the log row is written before the first byte."""
    pathway = get_pathway_for(request, pseudonym)
    attachment = _readable_file(request, pathway, pk)
    try:
        file = open_stored(attachment.stored_as)
    except FileNotFoundError:
        raise Refused([pseudonym]) from None
    response = FileResponse(file, as_attachment=True, filename=attachment.name, content_type=attachment.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def attachment_remove(request: HttpRequest, pseudonym: str, pk: int) -> HttpResponse:
    """The organisation that added a file takes it away; its note stays."""
    pathway = get_pathway_for(request, pseudonym)
    attachment = _readable_file(request, pathway, pk)
    if attachment.organisation_id != request.acting.organisation_id:
        raise Refused([pseudonym])
    if request.method == "POST":
        try:
            remove_file(by=request.acting, attachment=attachment)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("The file has been removed. Its note stays on the timeline."))
        return back_to(pathway)
    context = {"pathway": pathway, "attachment": attachment, "cancel_url": pathway.get_absolute_url(), "breadcrumbs": breadcrumbs(pathway, (_("Remove the file"), "")), "danger": True}
    return render(request, "guidance/timeline_file_remove.html", context)
