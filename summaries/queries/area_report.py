"""An area's report: who cooperates, for which goals, in which models, with what results and lessons, what stands in the way,
and how much of what is shared is used. Each number stands beside its day and its source; what is not known is said to be missing.

Drafts are in no report, whoever asks for it. Numbers of the portal's own are counted here from the very rows that the sections list.
"""
from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.templatetags.kopa import short_date
from pilots.choices import OrganisationKind, Participation, UnitKind
from pilots.models import AreaMembership, CooperationModel, Obstacle, PilotArea
from pilots.queries.network import UNIT, AreaWithMembers, area_with_members, by_kind, is_municipality, kind_of, shown_body
from pilots.templatetags.network import words_of_period
from services.queries.use import Figures, members_of, total, use_of
from summaries.outline import Cell, Document, Items, Paragraph, Section, Table, Text, named, said
from summaries.queries.report_models import count_by_status, goals_section, lessons_section, model_sections, public_models
from summaries.queries.report_obstacles import obstacles_section, of_areas, proposals_of, proposals_section, public_obstacles

# A year back: terms and holidays are in it once.
USE_PERIOD = timedelta(days=365)


def area_report(slug: str) -> Document | None:
    found = area_with_members(slug)
    if found is None:
        return None
    area, today = found.area, timezone.localdate()
    document = Document(
        about=area.name,
        title=_("%(area)s: report of the cooperation") % {"area": area.name},
        subtitle=_("%(round)s, %(period)s. As known to the portal on %(day)s.") % {"round": area.round.name, "period": words_of_period(area.round.starts_on, area.round.ends_on), "day": short_date(today)},
        made_on=today,
        file_name=f"report-{area.slug}-{today}",
    )
    use, use_since = _use(area, today)
    models, obstacles = public_models(Q(area=area.pk)), public_obstacles(of_areas([area.pk]))
    document.sections = [
        _in_figures(found, models, obstacles, today),
        _members(found),
        *_own_texts(area),
        goals_section(models, today),
        *model_sections(models, today),
        lessons_section(models),
        obstacles_section(obstacles),
        proposals_section(obstacles),
        _shared_use(use, use_since, today),
        _sources(found),
    ]
    return document


def _portal(today: date) -> tuple[str, str]:
    """Source and day of what the portal counts itself."""
    return _("The portal’s own lists, below"), short_date(today)


def _in_figures(found: AreaWithMembers, models: Sequence[CooperationModel], obstacles: Sequence[Obstacle], today: date) -> Section:
    municipalities = sum(map(is_municipality, found.members))
    source, day = _portal(today)
    counted = [
        (_("Municipalities that take part"), municipalities),
        (_("Other members"), len(found.members) - municipalities),
        (_("Cooperation models published"), len(models)),
        *((_("of them: %(status)s") % {"status": status}, count) for status, count in count_by_status(models, today)),
        (_("Obstacles that the area has told of or stands behind"), len(obstacles)),
        (_("Proposals made to remove them"), len(proposals_of(obstacles))),
    ]
    rows = [[label, number_format(count, force_grouping=True), day, source] for label, count in counted]
    return Section("figures", _("In figures"), [Table(_("The cooperation in figures"), [_("What"), _("Number"), _("On the day"), _("Source")], rows, frozenset({1}))])


def _members(found: AreaWithMembers) -> Section:
    rows: list[list[Cell]] = [[named(shown_body(row)), _kind(row), _way(row), short_date(row.starts_on), Text(row.source, "fi")] for _kind_of, group in by_kind(found.members) for row in group]
    if not rows:
        return Section("members", _("Members"), [Paragraph(_("No members have been entered."), is_soft=True)])
    return Section("members", _("Members"), [Table(_("Members and how they take part"), [_("Member"), _("Kind"), _("Takes part"), pgettext("date", "From"), _("Source")], rows)])


def _kind(row: AreaMembership) -> str:
    kind = kind_of(row)
    label = UnitKind(row.unit.kind).label if kind == UNIT and row.unit else OrganisationKind(kind).label
    return capfirst(str(label))


def _way(row: AreaMembership) -> str:
    if row.participation == Participation.THROUGH and row.through:
        return _("Through %(name)s") % {"name": row.through.name}
    return capfirst(str(Participation(row.participation).label))


def _own_texts(area: PilotArea) -> list[Section]:
    headings = {"description": _("What the area does"), "challenge": _("Challenge"), "readiness": _("Readiness"), "objectives": _("The area’s own objectives")}
    return [Section(name, heading, [Paragraph(said(area, name))]) for name, heading in headings.items() if said(area, name).words]


def _use(area: PilotArea, today: date) -> tuple[Figures, date]:
    first_day = today - USE_PERIOD
    return total(use_of(members_of([area])[area.pk], first_day, today)), first_day


def _shared_use(use: Figures, first_day: date, today: date) -> Section:
    rows = [
        [_("Hours used"), _hours(use.used)],
        [_("of them across a municipal border"), _hours(use.over_municipality)],
        [_("of them across a border of school forms"), _hours(use.over_form)],
        [_("Seats used"), number_format(use.seats_used)],
        [_("of them across a municipal border"), number_format(use.seats_over_municipality)],
    ]
    period = words_of_period(first_day, today + timedelta(days=1))
    section = Section("use", _("Use of what is shared"))
    if not any((use.offered, use.used, use.seats, use.unmeasured)):
        section.blocks.append(Paragraph(_("The area’s members have offered nothing in the portal in the period %(period)s.") % {"period": period}, is_soft=True))
    else:
        rows = [[_("Hours offered"), _hours(use.offered) if use.is_measured else _("not measured")], *rows[:3], [_("Seats offered"), number_format(use.seats)], *rows[3:]]
        source = _("The portal’s bookings and enrolments")
        section.blocks.append(Table(_("Facilities, staff and courses that the area’s members share, %(period)s") % {"period": period}, [_("What"), _("Number"), _("Period"), _("Source")], [[*row, period, source] for row in rows], frozenset({1})))
    return section


def _hours(minutes: float) -> str:
    return number_format(round(minutes / 60, 1), force_grouping=True)


def _sources(found: AreaWithMembers) -> Section:
    sources = dict.fromkeys(source for source in [found.area.source, *(row.source for row in found.members)] if source)
    return Section("sources", _("Sources"), [Items([Text(source, "fi") for source in sources])] if sources else [Paragraph(_("None has been entered."), is_soft=True)])
