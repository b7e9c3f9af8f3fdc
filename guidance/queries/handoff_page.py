"""What the pages of hand-offs read: who can receive, what the receiver sees, and an organisation's own list."""
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from guidance.choices import EventKind, HandoffState, OptionState, Section
from guidance.models import Event, Handoff, Participation, Partnership, Pathway
from guidance.queries.invariants import GUIDING_ROLES
from pilots.models import Membership, Organisation
from pilots.models.base import sort_field

EVENTS_PASSED_ON = 30
EARLIER_SHOWN = 5
NOT_SHOWN_OF_ORGANISATION = ("search_words", "note_fi", "note_sv", "note_en", "loaded")

OPTIONS_OVER = (OptionState.DROPPED, OptionState.NOT_ADMITTED)


def who_takes_part(path: str = "participations") -> Prefetch:
    """Read once with the pathway, for every question of `permissions.takes_part` on the page."""
    return Prefetch(path, to_attr="all_participations", queryset=Participation.objects.filter(ends_at=None))


def handoffs() -> QuerySet[Handoff]:
    """Hand-offs with both sides, as every page of one shows them."""
    rows = Handoff.objects.select_related(
        "pathway__client", "pathway__partnership", "pathway__guidance_lead", "from_organisation", "to_organisation", "from_person__user", "to_person__user", "answered_by__user", "answered_by__organisation",
        "withdrawn_by__user", "withdrawn_by__organisation", "link", "reopens", "basis_ground",
    )
    unread = [f"{side}__{name}" for side in ("from_organisation", "to_organisation") for name in NOT_SHOWN_OF_ORGANISATION]
    return rows.defer(*unread, "snapshot_sent", "snapshot_answered").prefetch_related(who_takes_part("pathway__participations"))


@dataclass
class Receivers:
    """Whom a pathway can be handed to; people by their organisation, in the order of the partnership's parts."""

    people: dict[Organisation, list[Membership]] = field(default_factory=dict)
    parts: set[int] = field(default_factory=set)

    def organisation(self, pk: int) -> Organisation | None:
        return next((organisation for organisation in self.people if organisation.pk == pk), None)

    def person(self, pk: int) -> Membership | None:
        return next((person for people in self.people.values() for person in people if person.pk == pk), None)


def who_can_receive(partnership: Partnership) -> Receivers:
    """Active counsellors of the partnership's organisations, and of the employment authorities that own another open one
    (to which alone a pathway is transferred when the client moves). One query."""
    here, elsewhere = Q(organisation__partnership_parts__partnership=partnership), Q(organisation__owned_partnerships__opened_at__isnull=False)
    people = (
        Membership.objects.active()
        .filter(here | elsewhere, user__is_active=True, role__in=GUIDING_ROLES)
        .annotate(in_part=Count("organisation__partnership_parts", filter=Q(organisation__partnership_parts__partnership=partnership), distinct=True))
        .select_related("user", "organisation")
        .defer(*(f"organisation__{name}" for name in NOT_SHOWN_OF_ORGANISATION))
        .order_by("-in_part", f"organisation__{sort_field()}", "organisation_id", "user__name", "pk")
    )
    found = Receivers()
    for person in people:
        found.people.setdefault(person.organisation, []).append(person)
        if person.in_part:
            found.parts.add(person.organisation_id)
    return found


def earlier_handoffs(pathway: Pathway) -> list[Handoff]:
    """The latest hand-offs of a pathway: "last handed over to X on D"."""
    rows = pathway.handoffs.select_related("to_organisation").only("kind", "state", "sent_at", "to_outside", "to_organisation__name_fi", "to_organisation__name_sv", "to_organisation__name_en", "pathway")
    return list(rows.order_by("-sent_at", "-id")[:EARLIER_SHOWN])


# The preview -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PassedOn:
    """One section as the receiver sees it: facts, then rows. Coded words begin with a capital; what somebody wrote stays as it is."""

    code: str
    title: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.facts and not self.rows


def passed_on(pathway: Pathway, sections: list[str], receiver_id: int | None) -> list[PassedOn]:
    """Exactly what the receiver of a hand-off sees before answering; the sender's preview is made by the same.

    Of a client under non-disclosure: no contact details, municipality, unit, place, employer, nor any free text.
    """
    makers = {
        Section.IDENTITY: lambda: _identity(pathway),
        Section.GOAL: lambda: _goal(pathway),
        Section.ASSESSMENT: lambda: _assessment(pathway),
        Section.OPTIONS: lambda: _options(pathway),
        Section.NEXT_STEPS: lambda: _next_steps(pathway),
        Section.EVENTS: lambda: _events(pathway, receiver_id),
    }
    return [makers[section]() for section in Section if section in sections]


def _day(day: date | None) -> str:
    return date_format(day, "SHORT_DATE_FORMAT") if day else ""


def _facts(*pairs: tuple[str, str]) -> list[tuple[str, str]]:
    return [(str(label), str(value)) for label, value in pairs if value]


def _identity(pathway: Pathway) -> PassedOn:
    client = pathway.client
    facts = [(_("Name"), client.full_name), (_("Birth date"), _day(client.birth_date)), (_("Language of service"), capfirst(client.get_service_language_display())), (_("Interpreter"), client.interpreter_language)]
    if not client.is_protected:
        facts += [(_("Telephone"), client.phone), (_("E-mail"), client.email), (_("Address"), client.address)]
    else:
        facts.append((_("Contact"), _("Through the sender: the client is under non-disclosure for personal safety.")))
    return PassedOn(Section.IDENTITY, str(Section.IDENTITY.label), _facts(*facts))


def _goal(pathway: Pathway) -> PassedOn:
    goal = "" if pathway.client.is_protected else pathway.goal
    return PassedOn(
        Section.GOAL,
        str(Section.GOAL.label),
        _facts(
            (_("Stage"), capfirst(pathway.get_stage_display())),
            (_("Target group"), capfirst(pathway.get_target_group_display())),
            (_("Education"), capfirst(pathway.get_education_background_display())),
            (_("Goal"), goal),
        ),
    )


def _assessment(pathway: Pathway) -> PassedOn:
    rows = [_("%(kind)s: %(what)s (%(state)s)") % {"kind": item.get_kind_display(), "what": item.get_code_display(), "state": item.get_state_display()} for item in pathway.assessment_items.all()]
    return PassedOn(Section.ASSESSMENT, str(Section.ASSESSMENT.label), rows=[row[:1].upper() + row[1:] for row in rows])


def _options(pathway: Pathway) -> PassedOn:
    rows = []
    for option in pathway.options.exclude(state__in=OPTIONS_OVER):
        title = "" if pathway.client.is_protected else option.title
        words = _("%(kind)s: %(title)s (%(state)s)") if title else _("%(kind)s (%(state)s)")
        row = words % {"kind": option.get_kind_display(), "title": title, "state": option.get_state_display()}
        rows.append(row[:1].upper() + row[1:])
    return PassedOn(Section.OPTIONS, str(Section.OPTIONS.label), rows=rows)


def _next_steps(pathway: Pathway) -> PassedOn:
    rows = []
    for step in pathway.next_steps.open().order_by("due_on", "id"):
        what = step.get_kind_display() if pathway.client.is_protected else step.what
        when = date_format(timezone.localtime(step.starts_at), "SHORT_DATETIME_FORMAT") if step.starts_at else _day(step.due_on)
        rows.append(_("%(when)s: %(what)s") % {"when": when, "what": what})
    return PassedOn(Section.NEXT_STEPS, str(Section.NEXT_STEPS.label), rows=rows)


def _events(pathway: Pathway, receiver_id: int | None) -> PassedOn:
    """The latest that the receiver's organisation may read once it takes part; a note kept to oneself is not among them."""
    events = Event.objects.filter(pathway=pathway).counted().visible_to(receiver_id or 0).exclude(kind__in=(EventKind.HANDOFF, EventKind.RESPONSIBILITY)).select_related("organisation").order_by("-at", "-id")
    rows = []
    for event in events[:EVENTS_PASSED_ON]:
        text = "" if pathway.client.is_protected else event.text
        words = _("%(day)s, %(kind)s: %(text)s") if text else _("%(day)s, %(kind)s")
        rows.append(words % {"day": _day(timezone.localdate(event.at)), "kind": event.get_kind_display(), "text": text})
    return PassedOn(Section.EVENTS, str(Section.EVENTS.label), rows=rows)


# The list ----------------------------------------------------------------------------------------

ANSWER, UNANSWERED, UNMET, ENDED = "answer", "unanswered", "unmet", "ended"


def own_handoffs(acting: Membership) -> QuerySet[Handoff]:
    """What the organisation may see of hand-offs: what it is asked now, and what it sent or took on where it takes part."""
    organisation = acting.organisation_id
    asked = Q(to_organisation=organisation, state=HandoffState.SENT)
    here = Exists(Participation.objects.filter(pathway=OuterRef("pathway"), organisation=organisation, ends_at=None))
    either = Q(from_organisation=organisation) | Q(to_organisation=organisation)
    return Handoff.objects.filter(asked | Q(either, here))


def narrowed(rows: QuerySet[Handoff], acting: Membership, code: str) -> QuerySet[Handoff]:
    return rows.filter(_narrow(acting)[code])


def _narrow(acting: Membership) -> dict[str, Q]:
    organisation = acting.organisation_id
    return {
        ANSWER: Q(to_organisation=organisation, state=HandoffState.SENT),
        UNANSWERED: Q(from_organisation=organisation, state=HandoffState.SENT),
        UNMET: Q(state=HandoffState.ACCEPTED),
        ENDED: Q(state__in=(HandoffState.MET, HandoffState.DECLINED, HandoffState.WITHDRAWN)),
    }


def count_narrowed(acting: Membership) -> dict[str, int]:
    """How many are in each part of the list, in one query."""
    return own_handoffs(acting).aggregate(**{code: Count("pk", filter=which) for code, which in _narrow(acting).items()})


def list_rows(acting: Membership, code: str) -> QuerySet[Handoff]:
    """Open ones oldest first, ended ones newest first."""
    rows = narrowed(own_handoffs(acting), acting, code).select_related("pathway", "from_organisation", "to_organisation", "to_person__user", "from_person__user")
    unread = [f"{side}__{name}" for side in ("from_organisation", "to_organisation") for name in NOT_SHOWN_OF_ORGANISATION]
    return rows.defer(*unread, "snapshot_sent", "snapshot_answered").order_by(*((F("sent_at").desc(), "-id") if code == ENDED else ("sent_at", "id")))


def is_receiving(acting: Membership, handoff: Handoff) -> bool:
    """Whether the organisation acted for is the one that meets the client."""
    return acting.organisation_id == handoff.meeting_organisation_id
