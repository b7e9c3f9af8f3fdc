"""A second account of facts: raw rows by plain SQL, the rest in plain Python, beside queries/pathway_facts.py."""
from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet

from guidance.models import Pathway
from summaries.queries.pathway_facts import COLUMNS

HERE = ZoneInfo("Europe/Helsinki")
PATHWAYS = """
    SELECT p.id, p.partnership_id, p.process_owner_id, p.opened_at, p.closed_at, p.outcome, p.end_reason, p.education_background, p.target_group, c.birth_date, c.municipality_code, s.lead_after,
           (SELECT programme_id FROM guidance_event e WHERE e.pathway_id = p.id AND e.programme_id > 0 AND e.taken_back_at IS NULL ORDER BY e.at DESC, e.id DESC LIMIT 1),
           (SELECT programme_id FROM guidance_assessmentitem i WHERE i.pathway_id = p.id AND i.programme_id > 0 ORDER BY i.noted_at DESC, i.id DESC LIMIT 1)
    FROM guidance_pathway p JOIN guidance_client c ON c.id = p.client_id JOIN guidance_partnership s ON s.id = p.partnership_id
    WHERE p.restricted_at IS NULL"""
STAGES = "SELECT id, pathway_id, stage, started_at FROM guidance_stageperiod ORDER BY pathway_id, started_at"
HANDOFFS = "SELECT id, pathway_id, kind, state, from_organisation_id, to_organisation_id, sent_at, met_at FROM guidance_handoff"


def _read(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [tuple(_time(value) for value in row) for row in cursor.fetchall()]


def _time(value):
    """SQLite tells a time without its zone."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def _day(moment: datetime) -> date:
    return moment.astimezone(HERE).date()


def _age_group(born: date, day: date) -> str:
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return next((name for limit, name in ((0, "unknown"), (20, "under_20"), (25, "20_24"), (30, "25_29"), (40, "30_39"), (50, "40_49"), (60, "50_59")) if age < limit), "60_over")


def counted_anew() -> Counter:
    """Every fact that there should be: a row of COLUMNS -> how often."""
    stages: dict[int, list[tuple]] = {}
    for row in _read(STAGES):
        stages.setdefault(row[1], []).append(row)
    handoffs: dict[int, list[tuple]] = {}
    for row in _read(HANDOFFS):
        handoffs.setdefault(row[1], []).append(row)
    found: Counter = Counter()
    for pk, partnership, owner, opened, closed, outcome, reason, education, group, born, place, lead_after, given, in_hand in _read(PATHWAYS):
        traits = (_age_group(born, _day(opened)), place, education, group, given or in_hand)

        def fact(kind, source, begun, ended=None, *, stage="", state="", reason="", between=(None, None), wait=None, of=(pk, partnership, owner, traits)):
            month = _day(begun).replace(day=1)
            judged = month if wait is None else date.fromordinal(_day(begun).toordinal() + wait)
            days = max(0, (_day(ended) - _day(begun)).days) if ended else None
            found[of[0], source, kind, month, of[1], of[2], stage, days, state, reason, *between, judged, *of[3]] += 1

        fact("opened", pk, opened)
        if closed:
            fact("closed", pk, opened, closed, state=outcome, reason=reason)
        mine = stages.get(pk, [])
        for (source, _pk, stage, begun), following in zip(mine, [*mine[1:], None], strict=True):
            fact("stage", source, begun, following[3] if following else closed, stage=stage, state=following[2] if following else "closed" if closed else "")
        for source, _pk, kind, state, sender, receiver, sent, met in handoffs.get(pk, []):
            if sender != receiver:
                fact("handoff", source, sent, met, state=state, between=(receiver, sender) if kind == "request_to_take" else (sender, receiver), wait=lead_after)
    return found


def told(facts: QuerySet) -> Counter:
    """The facts of a queryset."""
    return Counter(facts.order_by().values_list(*COLUMNS))


def every() -> QuerySet[Pathway]:
    return Pathway.objects.all()
