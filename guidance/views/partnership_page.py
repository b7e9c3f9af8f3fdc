"""The list of partnerships, and one partnership's page: its parts, stages, roles and programmes, and before it opens what is still to be done.

No client is here, so there is no log of reading and no `client_page`. For people whose organisation is a part.
"""
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from guidance.actions.partnerships import Condition, conditions
from guidance.choices import SOURCE_STAGE_PARTS, Part, ProgrammeKind, Stage
from guidance.figures.shapes import Mark, set_marks
from guidance.models import Partnership, PartnershipPart, Programme
from guidance.permissions import may_edit_own_part, may_edit_partnership, may_guide, may_lead, may_set_up_partnership
from guidance.queries.lead import leads_of_organisations
from guidance.registries import partnership_links
from pilots.models import Membership

MOST_SHOWN = 100


def visible_partnerships(request: HttpRequest) -> QuerySet[Partnership]:
    """Those of which one's organisation is a part, or whose process it owns."""
    if request.acting is None:
        return Partnership.objects.none()
    own = request.acting.organisation_id
    parts = PartnershipPart.objects.filter(organisation=own).order_by().values("partnership")
    return Partnership.objects.filter(Q(pk__in=parts) | Q(process_organisation=own)).select_related("process_organisation")


@require_safe
@login_required
def partnership_list(request: HttpRequest) -> HttpResponse:
    rows = [(one, may_lead(request.acting, one)) for one in visible_partnerships(request).order_by("slug")[:MOST_SHOWN]]
    return render(request, "guidance/partnership_list.html", {"rows": rows, "may_set_up": may_set_up_partnership(request.acting)})


@dataclass(frozen=True)
class ShownPart:
    """`asked`: who states the basis that is still missing; None when nothing is."""

    row: PartnershipPart
    mark: Mark
    may_state: bool
    asked: list[str] | None


@dataclass(frozen=True)
class Task:
    """A condition of the opening, with the page on which it is met."""

    condition: Condition
    url: str


@dataclass(frozen=True)
class StageRow:
    number: int
    name: str
    parts: str
    marks: tuple[Mark, ...]
    is_own: bool


SECTIONS = [
    (ProgrammeKind.MEASURE, False, gettext_lazy("Measures and services that are offered now")),
    (ProgrammeKind.MEASURE, True, gettext_lazy("Offered earlier, no longer")),
    (ProgrammeKind.FRAMEWORK, None, gettext_lazy("Frameworks")),
    (ProgrammeKind.REFORM, None, gettext_lazy("Reforms")),
    (ProgrammeKind.PUBLICATION, None, gettext_lazy("Publications")),
]


@require_safe
@login_required
def partnership_detail(request: HttpRequest, slug: str) -> HttpResponse:
    partnership = visible_partnerships(request).select_related("lead__user", "substitute__user").filter(slug=slug).first()
    if partnership is None:
        raise Http404
    programmes = list(partnership.programmes.prefetch_related("run_by"))
    parts = list(partnership.parts.select_related("organisation"))
    may_edit = may_edit_partnership(request.acting, partnership)
    silent = [part.organisation_id for part in parts if part.acts_as_authority is None]
    asked = leads_of_organisations(silent) if may_edit and silent else {}
    tasks = tasks_of(partnership, parts, request.acting) if may_edit and not partnership.opened_at else []
    context = {
        "partnership": partnership,
        "parts": [
            ShownPart(row, set_marks((row.part,), 2, 3)[0], may_edit_own_part(request.acting, row), asked.get(row.organisation_id, []) if may_edit and row.acts_as_authority is None else None)
            for row in parts
        ],
        "stages": stage_rows(partnership),
        "quoted_figures": list(partnership.quoted_figures.all()) if partnership.loaded else [],
        "sections": [(title, rows) for kind, historical, title in SECTIONS if (rows := _of_kind(programmes, kind, historical))],
        "links": [link(partnership) for link in partnership_links],
        "tasks": tasks,
        "is_ready": all(task.condition.is_met for task in tasks),
        "may_edit": may_edit,
        "may_lead": may_lead(request.acting, partnership),
        "may_enter": partnership.opened_at is not None and request.acting.organisation_id == partnership.process_organisation_id and may_guide(request.acting),
        "breadcrumbs": [(_("Partnerships"), reverse("guidance:partnership_list")), (partnership.name, "")],
    }
    return render(request, "guidance/partnership_detail.html", context)


def _of_kind(programmes: list[Programme], kind: str, historical: bool | None) -> list[Programme]:
    return [one for one in programmes if one.kind == kind and historical in (None, one.is_historical)]


def stage_rows(partnership: Partnership) -> list[StageRow]:
    rows = []
    for number, stage in enumerate(Stage, 1):
        parts = partnership.parts_of_stage(stage)
        names = ", ".join(str(Part(part).label) for part in parts)
        rows.append(StageRow(number, str(stage.label), capfirst(names), set_marks(parts, 2, 3), parts != SOURCE_STAGE_PARTS[stage]))
    return rows


def tasks_of(partnership: Partnership, parts: list[PartnershipPart], acting: Membership) -> list[Task]:
    """What must be there before the opening, each with the page that leads to it; an own statement first, then those to be asked for."""
    here = reverse("guidance:partnership_detail", args=[partnership.slug])
    own = next((part for part in parts if part.acts_as_authority is None and may_edit_own_part(acting, part)), None)
    places = {
        "college": reverse("guidance:partnership_part_add", args=[partnership.slug]),
        "basis": reverse("guidance:partnership_part_edit", args=[partnership.slug, own.pk]) if own else f"{here}#parts",
        "stages": reverse("guidance:partnership_stages", args=[partnership.slug]),
        "agreement": f"{reverse('guidance:partnership_edit', args=[partnership.slug])}#id_roles_agreement",
        "dpia": f"{reverse('guidance:partnership_edit', args=[partnership.slug])}#id_dpia_reference",
        "lead": reverse("guidance:partnership_lead", args=[partnership.slug]),
        "substitute": reverse("guidance:partnership_lead", args=[partnership.slug]),
    }
    return [Task(condition, places[condition.key]) for condition in conditions(partnership, parts)]
