"""Sending a client on, in two steps."""
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guidance.actions.handoffs import check_handoff, send_again, send_handoff
from guidance.choices import ConsentScope, DisclosureBasis, HandoffKind, Purpose
from guidance.forms.handoffs import AgainForm, HandoffForm, ReceiverForm
from guidance.forms.outcomes import refused
from guidance.models import Handoff, Pathway
from guidance.permissions import may_steer_sent
from guidance.queries.consent_texts import ConsentText, consent_text, current_version
from guidance.queries.consents import consent_in_force
from guidance.queries.handoff_page import earlier_handoffs, passed_on, who_can_receive, who_takes_part
from guidance.reading import client_page, get_pathway_for
from guidance.views.conflicts import tells_conflicts
from guidance.views.handoffs import CLOSED, FORM, get_handoff_for, handoff_breadcrumbs


@require_http_methods(FORM)
@client_page(purpose=Purpose.HANDOFF)
@tells_conflicts
def handoff_send(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Two steps and nothing stored between them: a POST shows what the receiver would see, a second one sends it."""
    pathway = get_pathway_for(request, pseudonym, Pathway.objects.select_related("client", "partnership").prefetch_related(who_takes_part()))
    if pathway.closed_at:
        messages.info(request, _("This pathway has ended. Reopen it before you hand the client over."))
        return redirect(pathway)
    receivers = who_can_receive(pathway.partnership)
    form = HandoffForm(request.POST or None, receivers=receivers, acting=request.acting, owns_process=request.acting.organisation_id == pathway.process_owner_id, initial={"token": uuid4()})

    def asked() -> dict:
        data = form.cleaned_data
        return {"by": request.acting, "pathway": pathway, **{name: data[name] for name in ("kind", "reason", "sections", "due_on")}, **form.receiver(), **form.ground()}

    def send() -> Handoff:
        return send_handoff(**asked(), token=form.cleaned_data["token"])

    def check() -> None:
        check_handoff(**{name: value for name, value in asked().items() if name != "consent_version"})

    kind = dict(HandoffKind.choices).get(request.POST.get("kind", ""), "") if form.is_bound else ""
    return _two_steps(request, pathway, form, send, {"cancel_url": pathway.get_absolute_url(), "kind_words": kind, "again": None}, check=check)


@require_http_methods(FORM)
@client_page(purpose=Purpose.HANDOFF)
@tells_conflicts
def handoff_again(request: HttpRequest, pk: int) -> HttpResponse:
    """A declined or withdrawn hand-off again, or to somebody else."""
    handoff = get_handoff_for(request, pk, expected=CLOSED)
    if not may_steer_sent(request.acting, handoff):
        raise PermissionDenied
    pathway = handoff.pathway
    receivers = who_can_receive(pathway.partnership)
    form = AgainForm(request.POST or None, receivers=receivers, acting=request.acting, kind=handoff.kind, initial=_as_before(handoff, receivers) | {"token": uuid4()})

    def send() -> Handoff:
        data = form.cleaned_data
        return send_again(by=request.acting, handoff=handoff, reason=data["reason"], due_on=data["due_on"], token=data["token"], **form.receiver(), **form.ground())

    return _two_steps(request, pathway, form, send, {"cancel_url": reverse("guidance:handoff_detail", args=[handoff.pk]), "kind_words": handoff.get_kind_display(), "again": handoff}, handoff.sections)


def _as_before(handoff: Handoff, receivers) -> dict:
    """What was chosen the first time; a receiver who can no longer receive is left to choose anew."""
    if handoff.to_person_id and receivers.person(handoff.to_person_id):
        to = f"person:{handoff.to_person_id}"
    elif handoff.to_organisation_id:
        to = f"organisation:{handoff.to_organisation_id}"
    else:
        to = "outside"
    names = ("to_outside", "to_outside_email", "basis", "consented_on", "decided_by", "decided_on", "reason")
    # Words that only repeat a provision are not written twice.
    ground = {"basis_ground": handoff.basis_ground_id, "basis_statute": "" if handoff.basis_ground_id else handoff.basis_statute}
    return {"to": to} | ground | {name: getattr(handoff, name) for name in names}


def _two_steps(request: HttpRequest, pathway: Pathway, form: ReceiverForm, send, context: dict, sections: list[str] | None = None, check=None) -> HttpResponse:
    """`check` refuses on the first page what `send` would refuse on the second."""
    phase = request.POST.get("phase", "")
    context |= {"pathway": pathway, "form": form, "breadcrumbs": handoff_breadcrumbs(request, pathway, (_("Hand over"), ""))}
    if phase == "send" and form.is_valid() and form.is_transfer and not form.cleaned_data["understood"]:
        form.add_error("understood", _("Read what your organisation loses, and confirm that the process is to be transferred."))
        return _preview(request, pathway, form, context, sections)
    if request.method == "POST" and form.is_valid() and phase != "back":
        if phase == "send":
            try:
                handoff = send()
            except ValidationError as error:
                refused(form, _at_fields(error))
            else:
                messages.success(request, _("The hand-off is on its way. You stay responsible until the client has been met."))
                return redirect("guidance:handoff_detail", handoff.pk)
        elif _may_be_shown(form, check):
            return _preview(request, pathway, form, context, sections)
    context["earlier"] = earlier_handoffs(pathway)
    return render(request, "guidance/handoff_send.html", context, status=422 if form.errors else 200)


def _may_be_shown(form: ReceiverForm, check) -> bool:
    try:
        if check:
            check()
    except ValidationError as error:
        refused(form, _at_fields(error))
        return False
    return True


def _preview(request: HttpRequest, pathway: Pathway, form: ReceiverForm, context: dict, sections: list[str] | None) -> HttpResponse:
    chosen = form.cleaned_data.get("sections", []) if sections is None else sections
    receiver = form.organisation
    context["consent"] = _consent_to_write_down(pathway, form)
    context |= {"receiver": receiver, "to_person": form.person, "outside": form.is_outside, "passed_on": passed_on(pathway, chosen, receiver.pk) if receiver else []}
    return render(request, "guidance/handoff_preview.html", context, status=422 if form.errors else 200)


def _consent_to_write_down(pathway: Pathway, form: ReceiverForm) -> ConsentText | None:
    """The text in full, when sending will write a consent down that is not there yet; the form carries its version on."""
    data, receiver = form.cleaned_data, form.organisation
    if data["basis"] != DisclosureBasis.CONSENT or (receiver and receiver.pk == pathway.process_owner_id):
        return None
    there = consent_in_force(pathway, receiver.pk if receiver else None, data["to_outside"] or "")
    if there and there.given_on >= data["consented_on"]:
        return None
    form.data = form.data.copy()
    form.data["consent_version"] = current_version()
    scope = ConsentScope.PATHWAY if receiver else ConsentScope.HANDOFF
    return consent_text(version=current_version(), language=pathway.client.service_language, scope=scope, receiver=receiver.name if receiver else data["to_outside"])


def _at_fields(error: ValidationError) -> ValidationError:
    """The form has one field for organisation and person."""
    if not hasattr(error, "error_dict"):
        return error
    found: dict = {}
    for name, errors in error.error_dict.items():
        found.setdefault("to" if name in ("to_organisation", "to_person") else name, []).extend(errors)
    return ValidationError(found)
