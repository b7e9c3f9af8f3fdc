"""A pathway, an appointment and a hand-off in the fixed layout.

What is copied or printed leaves the portal: under non-disclosure it never holds an address, place, provider or
employer, whoever asks for it.
"""
from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from guidance.choices import Section
from guidance.documents.layout import Block, Document
from guidance.models import EducationOption, Handoff, NextStep, Pathway
from guidance.queries.event_words import ShownEvent
from guidance.queries.pathway_page import PathwayPage
from guidance.queries.pathway_rows import AssessmentGroup, HandoffRow, PeriodRow, SeatRow, StepRow
from pilots.models import Membership


def day(value: date | datetime | None) -> str:
    if value is None:
        return ""
    return date_format(timezone.localdate(value) if isinstance(value, datetime) else value, "SHORT_DATE_FORMAT")


def moment(value: datetime | None) -> str:
    return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT") if value else ""


def facts(*pairs: tuple[str, object]) -> list[tuple[str, str]]:
    """Only what there is."""
    return [(str(label), str(value)) for label, value in pairs if value]


def made_by(acting: Membership) -> str:
    return _("Printed from KOPA on %(day)s by %(person)s, %(organisation)s") % {"day": moment(timezone.now()), "person": acting.user.name, "organisation": acting.organisation.name}


def person(membership: Membership | None) -> str:
    return f"{membership.user.name}, {membership.organisation.name}" if membership else ""


def pathway_document(page: PathwayPage, events: list[ShownEvent]) -> Document:
    """`events`: as many as are to be on it, newest first."""
    pathway = page.pathway
    blocks = [
        Block(_("Client"), _client_facts(page)),
        Block(_("Stage"), _stage_facts(page), [_stage_line(row) for row in page.stages]),
        Block(_("Goal and background"), _goal_facts(pathway)),
        Block(_("Who is responsible"), _people_facts(page)),
        Block(_("Next steps"), lines=[step_line(step, with_place=not page.client.is_protected) for step in page.steps]),
        Block(_("Assessment"), lines=[line for group in page.assessment for line in _assessment_lines(group)]),
        Block(_("Education options"), lines=[option_line(option, with_place=not page.client.is_protected) for option in page.options]),
        Block(_("Seats on courses"), lines=[seat_line(row, with_place=not page.client.is_protected) for row in page.seats]),
        Block(_("Learning at workplaces and work"), lines=_period_lines(page)),
        Block(_("Hand-offs"), lines=[handoff_line(row) for row in page.handoffs]),
        Block(_("Timeline"), lines=[event_line(event) for event in events]),
    ]
    return Document(_("Pathway %(pseudonym)s") % {"pseudonym": pathway.pseudonym}, made_by(page.acting), [block for block in blocks if not block.is_empty])


def _client_facts(page: PathwayPage) -> list[tuple[str, str]]:
    client = page.client
    known = facts(
        (_("Name"), client.full_name),
        (_("Birth date"), day(client.birth_date)),
        (_("Language of service"), client.get_service_language_display()),
        (_("Interpreter"), client.interpreter_language),
    )
    if client.is_protected:
        return [*known, (_("Non-disclosure for personal safety"), _("address, place, provider and employer are left out"))]
    return [*known, *facts((_("Telephone"), client.phone), (_("E-mail"), client.email), (_("Home municipality"), client.municipality.name if client.municipality else ""))]


def _stage_facts(page: PathwayPage) -> list[tuple[str, str]]:
    pathway = page.pathway
    return facts(
        (_("Partnership"), pathway.partnership.name),
        (_("Stage"), pathway.get_stage_display()),
        (_("Opened"), day(pathway.opened_at)),
        (_("Ended"), day(pathway.closed_at)),
        (_("Reason for the end"), pathway.get_end_reason_display() if pathway.end_reason else ""),
        (_("Outcome"), pathway.get_outcome_display() if pathway.outcome else ""),
    )


def _stage_line(row) -> str:
    return _("%(start)s: %(stage)s") % {"start": day(row.started_at), "stage": row.label}


def _goal_facts(pathway: Pathway) -> list[tuple[str, str]]:
    return facts(
        (_("Goal"), pathway.goal),
        (_("Target group"), pathway.get_target_group_display() if pathway.target_group else ""),
        (_("Education background"), pathway.get_education_background_display()),
        (_("Seeks competence development"), _("yes") if pathway.seeks_competence else _("no")),
    )


def _people_facts(page: PathwayPage) -> list[tuple[str, str]]:
    pathway = page.pathway
    named = facts(
        (_("Process owner"), pathway.process_owner.name if pathway.process_owner else ""),
        (_("Responsible person"), pathway.process_person.user.name if pathway.process_person else ""),
        (_("Guidance lead"), person(pathway.guidance_lead)),
        (_("Study counsellor"), person(pathway.study_counsellor)),
    )
    return [*named, *((row.organisation.name, _("since %(day)s, %(person)s") % {"day": day(row.starts_at), "person": row.responsible.user.name}) for row in page.participants)]


def step_line(step: StepRow, *, with_place: bool) -> str:
    when = moment(step.starts_at) or day(step.due_on)
    details = [step.way, step.place if with_place else "", _("interpreter ordered") if step.interpreter else "", f"{step.responsible}, {step.organisation}"]
    return f"{when} {step.what} ({'; '.join(str(detail) for detail in details if detail)})"


def _assessment_lines(group: AssessmentGroup) -> list[str]:
    return [f"{group.label}: {item.label}, {item.state_label}{f' ({item.programme})' if item.programme else ''}" for item in group.items]


def option_line(option: EducationOption, *, with_place: bool) -> str:
    provider = (option.provider.name if option.provider else option.provider_outside) if with_place else ""
    details = [
        option.get_kind_display(),
        provider,
        option.get_state_display(),
        _("starts on %(day)s") % {"day": day(option.starts_on)} if option.starts_on else "",
        _("benefit decision: %(state)s") % {"state": option.get_benefit_decision_display()} if option.starts_on else "",
        _("HOKS on %(day)s") % {"day": day(option.hoks_on)} if option.hoks_on else "",
        f"{option.code_uri} {option.code_version}".strip(),
    ]
    return f"{option.title} ({'; '.join(str(detail) for detail in details if detail)})"


def seat_line(seat: SeatRow, *, with_place: bool) -> str:
    state = seat.state_label if seat.held_until is None else _("%(state)s until %(day)s") % {"state": seat.state_label, "day": moment(seat.held_until)}
    if not with_place or not seat.course:
        return _("%(what)s: %(state)s") % {"what": _("a course"), "state": state}
    return _("%(course)s, %(provider)s, %(start)s–%(end)s: %(state)s") % {"course": seat.course, "provider": seat.provider, "start": day(seat.first_day), "end": day(seat.last_day), "state": state}


def _period_lines(page: PathwayPage) -> list[str]:
    with_employer = not page.client.is_protected
    learning = [_period_line(_("learning"), row, with_employer) for row in page.workplace_periods]
    return [*learning, *(_period_line(_("work"), row, with_employer) for row in page.work_periods)]


def _period_line(kind: str, row: PeriodRow, with_employer: bool) -> str:
    return f"{day(row.starts_on)}–{day(row.ends_on)} {kind}{f', {row.employer}' if with_employer and row.employer else ''}"


def handoff_line(row: HandoffRow) -> str:
    return _("%(day)s %(kind)s: %(sender)s to %(receiver)s, %(state)s") % {"day": day(row.sent_at), "kind": row.kind_label, "sender": row.sender, "receiver": row.receiver, "state": row.state_label}


def event_line(event: ShownEvent) -> str:
    words = " ".join(part for part in (event.kind, event.says) if part)
    text = f": {' '.join(event.text.split())}" if event.text else ""
    who = ", ".join(part for part in (event.who, event.organisation) if part)
    own = _("(own organisation only)") if event.is_own_only else ""
    return " ".join(part for part in (f"{moment(event.time)} {words}{text}", f"({who})" if who else "", own) if part)


def appointment_document(pathway: Pathway, step: NextStep, acting: Membership) -> Document:
    with_place = not pathway.client.is_protected
    blocks = [
        Block(
            _("Appointment"),
            facts(
                (_("Client"), pathway.client.full_name),
                (_("About"), step.what),
                (_("Time"), moment(step.starts_at) or day(step.due_on)),
                (_("Length in minutes"), step.minutes),
                (_("Way"), step.get_way_display() if step.way else ""),
                (_("Place or telephone"), step.place if with_place else ""),
                (_("Interpreter"), pathway.client.interpreter_language or (_("ordered") if step.interpreter else "")),
                (_("Responsible person"), person(step.responsible)),
                (_("Held"), {True: _("the client came"), False: _("the client did not come"), None: ""}[step.attended]),
            ),
        )
    ]
    return Document(_("Pathway %(pseudonym)s") % {"pseudonym": pathway.pseudonym}, made_by(acting), blocks)


def handoff_document(pathway: Pathway, handoff: Handoff, acting: Membership) -> Document:
    receiver = handoff.to_organisation.name if handoff.to_organisation else handoff.to_outside
    blocks = [
        Block(
            _("Hand-off"),
            facts(
                (_("Client"), pathway.client.full_name),
                (_("Kind"), handoff.get_kind_display()),
                (_("State"), handoff.get_state_display()),
                (pgettext("sender", "From"), person(handoff.from_person)),
                (pgettext("receiver", "To"), ", ".join(part for part in (handoff.to_person.user.name if handoff.to_person else "", receiver) if part)),
                (_("Sent"), moment(handoff.sent_at)),
                (_("Answer by"), day(handoff.due_on)),
                (_("Decision about the transfer"), ", ".join(part for part in (handoff.decided_by, day(handoff.decided_on)) if part)),
                (_("Reason"), handoff.reason),
                (_("Ground of the disclosure"), " ".join(part for part in (handoff.get_basis_display(), handoff.basis_statute, day(handoff.consented_on)) if part)),
                (_("What is passed on"), ", ".join(str(Section(section).label) for section in handoff.sections if section in Section.values)),
                (_("Answered"), moment(handoff.answered_at)),
                (_("Reason for declining"), handoff.decline_reason),
                (_("First contact"), moment(handoff.first_contact_at)),
                (_("Met"), moment(handoff.met_at)),
            ),
        )
    ]
    return Document(_("Pathway %(pseudonym)s") % {"pseudonym": pathway.pseudonym}, made_by(acting), blocks)
