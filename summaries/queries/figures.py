"""The figures of the summaries: a closed list. Each has its definition, and the list that is exactly as long as the figure says.

Most tell how things are on the day on which they are counted; those of use tell of the last twelve whole months. A figure of the
whole network counts each thing once, also what belongs to no area.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.addresses import address
from pilots.choices import ModelStatus, ObstacleStatus, OrganisationKind, ProposalStatus
from pilots.models import EducationForm, Goal
from pilots.views.members import KINDS_IN_PLURAL
from services.choices import ServiceKind
from summaries.choices import Border, Lent, Part, ScopeKind

MONTHS_OF_USE = 12
ORGANISATIONS, MODELS, OBSTACLES, PROPOSALS = "pilots:organisation_list", "pilots:model_list", "pilots:obstacle_list", "pilots:proposal_list"
SERVICES, USE = "services:service_list", "summaries:use_list"
# How each list is narrowed to an area, to a municipality, and to the whole network; a list without a municipality has no figure of one.
NARROWED: dict[str, dict[str, str]] = {
    ORGANISATIONS: {ScopeKind.AREA: "area", ScopeKind.MUNICIPALITY: "place"},
    MODELS: {ScopeKind.AREA: "area", ScopeKind.MUNICIPALITY: "place"},
    OBSTACLES: {ScopeKind.AREA: "area"},
    PROPOSALS: {ScopeKind.AREA: "area"},
    SERVICES: {ScopeKind.AREA: "area", ScopeKind.MUNICIPALITY: "at"},
    USE: {ScopeKind.AREA: "area", ScopeKind.MUNICIPALITY: "place"},
}
# Members are those of some area, also where no area is named.
WIDE = {ORGANISATIONS: (("area", "any"),)}


@dataclass(frozen=True)
class Scope:
    """What figures are of: a `kind` and its `code` (an area's slug, a municipality's code, "" of the network)."""

    kind: str = ScopeKind.NETWORK
    code: str = ""


NETWORK = Scope()


@dataclass(frozen=True)
class Figure:
    """`query`: what the list is narrowed by beside the scope. `share_of`: the code of the figure that this one is a part of, told as a share."""

    code: str
    part: Part
    label: str
    list_name: str
    query: tuple[tuple[str, str], ...] = ()
    definition: str = ""
    is_main: bool = False
    share_of: str = ""

    def is_of(self, kind: str) -> bool:
        return kind == ScopeKind.NETWORK or kind in NARROWED[self.list_name]

    def url(self, scope: Scope) -> str:
        """The list behind the figure."""
        narrowed = [(NARROWED[self.list_name][scope.kind], scope.code)] if scope.kind != ScopeKind.NETWORK else []
        wide = [pair for pair in WIDE.get(self.list_name, ()) if pair[0] not in dict(narrowed)]
        return f"{address(self.list_name)}?{urlencode([*wide, *narrowed, *self.query])}"


def all_figures(goals: Sequence[Goal], forms: Sequence[EducationForm]) -> list[Figure]:
    return [*_members(), *_education(forms), *_goals(goals), *_statuses(), *_obstacles(), *_proposals(), *_services(), *_use()]


def _members() -> list[Figure]:
    yield_ = [Figure("members", Part.MEMBERS, _("Members"), ORGANISATIONS, definition="members", is_main=True)]
    kinds = [(kind.value, KINDS_IN_PLURAL[kind]) for kind in OrganisationKind]
    return yield_ + [Figure(f"members-{kind}", Part.MEMBERS, str(label), ORGANISATIONS, (("kind", kind),), "members-kind") for kind, label in kinds]


def _education(forms: Sequence[EducationForm]) -> list[Figure]:
    return [Figure(f"form-{form.code}", Part.EDUCATION, capfirst(form.name), ORGANISATIONS, (("form", form.code),), "form") for form in forms]


def _goals(goals: Sequence[Goal]) -> list[Figure]:
    labels = [(goal.number, _("Goal %(number)s") % {"number": goal.number}) for goal in goals]
    every = Figure("models", Part.GOALS, _("Cooperation models"), MODELS, definition="models", is_main=True)
    return [every, *(Figure(f"models-goal-{number}", Part.GOALS, label, MODELS, (("goal", str(number)),), "models-goal") for number, label in labels)]


def _statuses() -> list[Figure]:
    found = [Figure(f"models-{status}", Part.STATUSES, capfirst(str(status.label)), MODELS, (("status", status.value),), "models-status") for status in ModelStatus]
    return [Figure(one.code, one.part, _("Models in use") if one.code == f"models-{ModelStatus.IN_USE}" else one.label, MODELS, one.query, one.definition, one.code == f"models-{ModelStatus.IN_USE}") for one in found]


def _obstacles() -> list[Figure]:
    every = Figure("obstacles", Part.OBSTACLES, _("Obstacles"), OBSTACLES, (("status", "told"),), "obstacles", is_main=True)
    return [every, *(Figure(f"obstacles-{status}", Part.OBSTACLES, capfirst(str(status.label)), OBSTACLES, (("status", status.value),), "obstacles-status") for status in ObstacleStatus)]


def _proposals() -> list[Figure]:
    every = Figure("proposals", Part.PROPOSALS, _("Proposals"), PROPOSALS, (("status", "told"),), "proposals", is_main=True)
    made = [status for status in ProposalStatus if status != ProposalStatus.DRAFT]
    return [every, *(Figure(f"proposals-{status}", Part.PROPOSALS, capfirst(str(status.label)), PROPOSALS, (("status", status.value),), "proposals-status") for status in made)]


def _services() -> list[Figure]:
    every = Figure("services", Part.SERVICES, _("Shared services"), SERVICES, (("shown", "everyone"),), "services", is_main=True)
    labels = {ServiceKind.FACILITY: _("Facilities"), ServiceKind.STAFF: _("Staff"), ServiceKind.COURSE: _("Courses")}
    return [every, *(Figure(f"services-{kind}", Part.SERVICES, label, SERVICES, (("kind", kind.value), ("shown", "everyone")), "services-kind") for kind, label in labels.items())]


def _use() -> list[Figure]:
    found = []
    for what, labels in {
        Lent.BOOKINGS: (_("Bookings by others"), _("Bookings across a municipal border"), _("Bookings across a border of school forms")),
        Lent.ENROLMENTS: (_("Enrolments from others"), _("Enrolments across a municipal border"), _("Enrolments across a border of school forms")),
    }.items():
        every, municipal, forms = labels
        found.append(Figure(what.value, Part.USE, every, USE, (("what", what.value),), what.value, is_main=what == Lent.BOOKINGS))
        for border, label in ((Border.MUNICIPAL, municipal), (Border.FORMS, forms)):
            query = (("what", what.value), ("border", border.value))
            found.append(Figure(f"{what}-{border}", Part.USE, label, USE, query, f"border-{border}", is_main=what == Lent.BOOKINGS, share_of=what.value))
    return found


@dataclass(frozen=True)
class Definition:
    """Of one figure or of several alike: what is counted, of which day, and what is not counted."""

    code: str
    part: Part
    title: str | Promise
    counted: str | Promise
    not_counted: str | Promise
    is_of_use: bool = False


_IN_TWO = gettext_lazy("An organisation in two areas counts in both, so the areas do not add up to the whole network.")
_LEFT = gettext_lazy("Members that have left, and organisations that are only partners in a model.")
DEFINITIONS = (
    Definition("members", Part.MEMBERS, gettext_lazy("Members"), gettext_lazy("Organisations that take part in the area, themselves or through a unit of theirs. Of a municipality: those whose home it is."), _LEFT),
    Definition("members-kind", Part.MEMBERS, gettext_lazy("Members by kind"), gettext_lazy("The same organisations by their kind. A municipality is one of them, also where it takes part through another body."), _IN_TWO),
    Definition("form", Part.EDUCATION, gettext_lazy("Forms of education"), gettext_lazy("Members that give the form of education, themselves or in a unit of theirs; one that gives several counts in each."), gettext_lazy("How many pupils or places there are.")),
    Definition("models", Part.GOALS, gettext_lazy("Cooperation models"), gettext_lazy("Published models that the area keeps. Of a municipality: those that name it, and those that an organisation whose home it is keeps or is a partner in."), gettext_lazy("Drafts and archived models. Models of an organisation that is in no area count in the whole network only.")),
    Definition("models-goal", Part.GOALS, gettext_lazy("Models by goal"), gettext_lazy("The same models, each for every goal that it serves."), gettext_lazy("How much a model does for its goal. The goals do not add up to all models.")),
    Definition("models-status", Part.STATUSES, gettext_lazy("Models by status"), gettext_lazy("The same models by the status that they have now."), gettext_lazy("Models whose status nobody has told.")),
    Definition("obstacles", Part.OBSTACLES, gettext_lazy("Obstacles"), gettext_lazy("Obstacles that the area has told of, meets, or gives its weight to."), gettext_lazy("Drafts, and obstacles that were merged into another. One that several areas are behind counts in each, and once in the whole network.")),
    Definition("obstacles-status", Part.OBSTACLES, gettext_lazy("Obstacles by status"), gettext_lazy("The same obstacles by the status that they have now."), gettext_lazy("Earlier statuses.")),
    Definition("proposals", Part.PROPOSALS, gettext_lazy("Proposals"), gettext_lazy("Proposals that have been made: by the area, or to remove an obstacle that the area has told of or gives its weight to."), gettext_lazy("Drafts. One that several areas are behind counts in each, and once in the whole network.")),
    Definition("proposals-status", Part.PROPOSALS, gettext_lazy("Proposals by status"), gettext_lazy("The same proposals by the status that they have now."), gettext_lazy("Earlier statuses.")),
    Definition("services", Part.SERVICES, gettext_lazy("Shared services"), gettext_lazy("Published facilities, staff and courses that everybody may know of, offered by the area’s members. Of a municipality: those that are there; what has no place is where its provider is."), gettext_lazy("Drafts, archived services, and services that are shown only to chosen organisations.")),
    Definition("services-kind", Part.SERVICES, gettext_lazy("Shared services by kind"), gettext_lazy("The same services by their kind."), _IN_TWO),
    Definition("bookings", Part.USE, gettext_lazy("Bookings by others"), gettext_lazy("Confirmed bookings of facilities and staff of the area’s members, by other organisations, that began in the period. Of a municipality: of what organisations whose home it is lend."), gettext_lazy("The owner’s own use, and bookings that were declined, withdrawn or cancelled."), is_of_use=True),
    Definition("enrolments", Part.USE, gettext_lazy("Enrolments from others"), gettext_lazy("Enrolments of other organisations for courses of the area’s members that began in the period; a group is one enrolment."), gettext_lazy("The provider’s own, and those that wait, are held, were applied for, declined or cancelled."), is_of_use=True),
    Definition("border-municipal", Part.USE, gettext_lazy("Across a municipal border"), gettext_lazy("Of the bookings or enrolments those whose borrower has another home municipality than the lender; the share is of all by others."), gettext_lazy("Where one of the home municipalities is not known, nothing is counted as crossing."), is_of_use=True),
    Definition("border-forms", Part.USE, gettext_lazy("Across a border of school forms"), gettext_lazy("Of the bookings or enrolments those where the two organisations give no form of education in common; the share is of all by others."), gettext_lazy("Where the forms of one are not known, nothing is counted as crossing."), is_of_use=True),
)


def period_of_use(day: date) -> tuple[date, date]:
    """The first day of the twelve whole months before that of `day`, and the day after their last."""
    until = day.replace(day=1)
    return date(until.year - 1, until.month, 1), until


def next_month(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)
