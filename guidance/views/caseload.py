"""What a person answers for moves to a colleague, by the users themselves; and who stands in while somebody is away."""
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from guidance.actions.absences import add_absence, change_substitute, end_absence
from guidance.actions.caseload import pathways_of, transfer_caseload
from guidance.choices import LogAction, Stage
from guidance.forms.caseload import AbsenceForm, MoveCaseloadForm, SubstituteForm
from guidance.forms.outcomes import refused
from guidance.models import Absence, Handoff, NextStep
from guidance.queries.colleagues import colleagues_of
from guidance.reading import Refused, client_page
from guidance.views.pathways import INVALID, posted

MOST_SHOWN = 300


def _way(title: str) -> list[tuple[str, str]]:
    return [(_("Waiting for me"), reverse("guidance:waiting")), (title, "")]


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def caseload_move(request: HttpRequest) -> HttpResponse:
    """Choose, look at who moves, confirm: everything, or those that are chosen from the list. Never both at once."""
    request.reading.counts_only()
    form = MoveCaseloadForm(posted(request), colleagues=colleagues_of(request.acting), initial={"person": request.acting.pk})
    context: dict = {"rows": None}
    if form.is_valid():
        person, heir = form.cleaned_data["person"], form.cleaned_data["heir"]
        rows = list(pathways_of(person).filter(participations__organisation=request.acting.organisation_id, participations__ends_at=None).select_related("client").order_by("client__sort_key", "pk")[: MOST_SHOWN + 1])
        if request.POST.get("phase") == "move":
            try:
                moved = transfer_caseload(by=request.acting, person=person, heir=heir, only=_chosen(request, rows))
            except ValidationError as error:
                refused(form, error)
            else:
                request.reading.show(_shown(request, rows), action=LogAction.CHANGE)
                messages.success(request, ngettext("%(count)s client has moved to %(name)s.", "%(count)s clients have moved to %(name)s.", moved) % {"count": moved, "name": heir.user.name})
                return redirect("guidance:caseload_move")
        request.reading.show(rows[:MOST_SHOWN], action=LogAction.LIST)
        context = {
            "rows": [(row, Stage(row.stage).label, row.pseudonym in request.POST.getlist("client")) for row in rows[:MOST_SHOWN]],
            "is_cut": len(rows) > MOST_SHOWN,
            "person": person,
            "heir": heir,
            "steps": NextStep.objects.open().filter(responsible=person, pathway__closed_at=None).count(),
            "hides": any(row.client.is_protected for row in rows),
            "handoffs": Handoff.objects.open().filter(from_person=person).count() + Handoff.objects.open().filter(to_person=person).count(),
        }
    context |= {"form": form, "breadcrumbs": _way(_("Move a caseload to a colleague"))}
    return render(request, "guidance/caseload_move.html", context, status=INVALID if form.is_bound and form.errors else 200)


def _chosen(request: HttpRequest, rows: list) -> list[int] | None:
    """None means everything, also hand-offs that wait for the person; else the clients that stayed chosen."""
    wanted = set(request.POST.getlist("client"))
    if request.POST.get("all") == "yes":
        if wanted:
            raise ValidationError(_("Move either everything or the chosen clients."))
        return None
    chosen = [row.pk for row in rows if row.pseudonym in wanted]
    if not chosen:
        raise ValidationError(_("Choose at least one client."))
    return chosen


def _shown(request: HttpRequest, rows: list) -> list:
    wanted = set(request.POST.getlist("client"))
    return [row for row in rows if request.POST.get("all") == "yes" or row.pseudonym in wanted]


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def absence_list(request: HttpRequest) -> HttpResponse:
    """Who is away and who stands in; no client is on this page."""
    request.reading.counts_only()
    form = AbsenceForm(posted(request), colleagues=colleagues_of(request.acting), initial={"membership": request.acting.pk})
    if form.is_valid():
        try:
            add_absence(by=request.acting, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The absence is written. What waits is on the substitute’s list too."))
            return redirect("guidance:absence_list")
    rows = _absences(request).filter(ends_on__gte=timezone.localdate()).order_by("starts_on", "pk")[:MOST_SHOWN]
    context = {"form": form, "rows": list(rows), "today": timezone.localdate(), "breadcrumbs": _way(_("Absences and substitutes"))}
    return render(request, "guidance/caseload_absences.html", context, status=INVALID if form.is_bound and form.errors else 200)


def _absences(request: HttpRequest):
    return Absence.objects.filter(membership__organisation=request.acting.organisation_id).select_related("membership__user", "membership__organisation", "substitute__user")


def _absence(request: HttpRequest, pk: int) -> Absence:
    absence = _absences(request).filter(pk=pk).first()
    if absence is None:
        raise Refused
    request.reading.counts_only()
    return absence


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def absence_change(request: HttpRequest, pk: int) -> HttpResponse:
    absence = _absence(request, pk)
    form = SubstituteForm(posted(request), colleagues=[one for one in colleagues_of(request.acting) if one.pk != absence.membership_id], initial={"substitute": absence.substitute_id})
    if form.is_valid():
        try:
            change_substitute(by=request.acting, absence=absence, substitute=form.cleaned_data["substitute"])
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("guidance:absence_list")
    context = {"form": form, "absence": absence, "cancel_url": reverse("guidance:absence_list"), "breadcrumbs": _way(_("Change the substitute"))}
    return render(request, "guidance/caseload_absence.html", context, status=INVALID if form.is_bound and form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def absence_end(request: HttpRequest, pk: int) -> HttpResponse:
    absence = _absence(request, pk)
    if request.method == "POST":
        end_absence(by=request.acting, absence=absence)
        messages.success(request, _("The absence has ended."))
        return redirect("guidance:absence_list")
    return render(request, "guidance/caseload_absence_end.html", {"absence": absence, "cancel_url": reverse("guidance:absence_list"), "breadcrumbs": _way(_("End the absence"))})
