"""Every number of the pathway summary equals the length of its list, and an independent count in plain SQL."""
import csv
import random
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from math import ceil, inf

import pytest
from django.db import connection
from django.http import QueryDict
from django.utils import timezone, translation
from openpyxl import load_workbook

from guidance.models import Handoff, Partnership, Pathway, QuotedFigure
from summaries.choices import GroupBy
from summaries.forms import GroupForm, PathwayListForm
from summaries.queries.pathway_choices import choices_of
from summaries.queries.pathway_counts import count_pathways
from summaries.queries.pathway_figures import Quartiles, quartiles
from summaries.queries.pathway_lists import list_behind
from tests.guidance.web import counted, logged, sign_in
from tests.summaries.histories import make_histories

pytestmark = pytest.mark.django_db
PAGE = "/en/summary/our-pathways/"

VISIBLE = (
    "p.restricted_at IS NULL AND (EXISTS (SELECT 1 FROM guidance_participation a WHERE a.pathway_id = p.id AND a.organisation_id = %(organisation)s AND a.ends_at IS NULL)"
    " OR (p.closed_at IS NOT NULL AND p.process_owner_id = %(organisation)s))"
)
LATER = "EXISTS (SELECT 1 FROM guidance_stageperiod n WHERE n.pathway_id = s.pathway_id AND n.started_at > s.started_at)"
AGE = {"under_20": (0, 20), "20_24": (20, 25), "25_29": (25, 30), "30_39": (30, 40), "40_49": (40, 50), "50_59": (50, 60), "60_over": (60, 200)}
STATE = {"met": "met", "accepted": "accepted", "unanswered": "sent", "declined": "declined", "withdrawn": "withdrawn"}


def years(row_age: str) -> str:
    """Whole years from the birth to the opening, of two texts that begin with year, month and day."""
    born, opened = "CAST(c.birth_date AS TEXT)", "CAST(p.opened_at AS TEXT)"

    def digits(text: str) -> str:
        return f"(CAST(SUBSTR({text}, 1, 4) AS INTEGER) * 10000 + CAST(SUBSTR({text}, 6, 2) AS INTEGER) * 100 + CAST(SUBSTR({text}, 9, 2) AS INTEGER))"

    low, high = AGE[row_age]
    return f"(({digits(opened)} - {digits(born)}) / 10000 >= {low} AND ({digits(opened)} - {digits(born)}) / 10000 < {high})"


def trait_sql(asked: QueryDict) -> str:
    measure = "(SELECT e.programme_id FROM guidance_event e WHERE e.pathway_id = p.id AND e.programme_id IS NOT NULL)"
    parts = ["1 = 1"]
    for name, value in asked.items():
        parts += {
            "partnership": [f"p.partnership_id = (SELECT r.id FROM guidance_partnership r WHERE r.slug = '{value}')"],
            "organisation": [f"p.process_owner_id = {value}"],
            "municipality": ["c.municipality_code = ''" if value == "none" else f"c.municipality_code = '{value}'"],
            "age": [years(value)] if value in AGE else [],
            "background": [f"p.education_background = '{value}'"],
            "group": ["p.target_group = ''" if value == "none" else f"p.target_group = '{value}'"],
            "measure": [f"{measure} IS NULL" if value == "none" else f"{measure} = {value}"],
        }.get(name, [])
    return " AND ".join(parts)


def month_sql(asked: QueryDict, column: str) -> str:
    month = f"SUBSTR(CAST({column} AS TEXT), 1, 7)"
    first, last = asked.get("first"), asked.get("last")
    return f"{month} >= '{first or '0000'}' AND {month} <= '{last or '9999'}'"


def sql_of(asked: QueryDict) -> str:
    """The count behind a number, written a second time."""
    figure, stage, state = asked.get("figure", "opened"), asked.get("stage"), asked.get("state")
    pathway = f"guidance_pathway p JOIN guidance_client c ON c.id = p.client_id WHERE {VISIBLE} AND {trait_sql(asked)}"
    if figure == "period":
        what = {"moved": LATER, "closed": f"NOT {LATER} AND p.closed_at IS NOT NULL", "goes_on": f"NOT {LATER} AND p.closed_at IS NULL", None: "1 = 1"}[state]
        return f"SELECT COUNT(*) FROM guidance_stageperiod s JOIN {pathway.replace('JOIN guidance_client', 'ON p.id = s.pathway_id JOIN guidance_client', 1)} AND s.stage = '{stage}' AND {what} AND {month_sql(asked, 's.started_at')}"
    if figure == "handoff":
        source, target = "CASE h.kind WHEN 'request_to_take' THEN h.to_organisation_id ELSE h.from_organisation_id END", "CASE h.kind WHEN 'request_to_take' THEN h.from_organisation_id ELSE h.to_organisation_id END"
        more = [month_sql(asked, "h.sent_at"), "(h.to_organisation_id IS NULL OR h.to_organisation_id <> h.from_organisation_id)"]
        more += [f"{source} = {asked['source']}"] if "source" in asked else []
        more += ["h.to_organisation_id IS NULL" if asked["target"] == "outside" else f"{target} = {asked['target']}"] if "target" in asked else []
        if state in ("due", "met_of_due"):
            more += ["h.state <> 'withdrawn'", "h.sent_at < %(due)s", *(["h.state = 'met'"] if state == "met_of_due" else [])]
        elif state:
            more.append(f"h.state = '{STATE[state]}'")
        return f"SELECT COUNT(*) FROM guidance_handoff h JOIN {pathway.replace('JOIN guidance_client', 'ON p.id = h.pathway_id JOIN guidance_client', 1)} AND {' AND '.join(more)}"
    more = {
        "opened": "1 = 1",
        "reached": f"EXISTS (SELECT 1 FROM guidance_stageperiod s WHERE s.pathway_id = p.id AND s.stage = '{stage}')",
        "open": "p.closed_at IS NULL",
        "closed": "p.closed_at IS NOT NULL" + (f" AND p.outcome = '{state}'" if state else ""),
        "seeking": "p.seeks_competence = %(yes)s",
        "unqualified": "p.education_background IN ('basic', 'basic_unfinished')",
        "young": f"({years('under_20')} OR {years('20_24')} OR {years('25_29')})",
    }[figure]
    return f"SELECT COUNT(*) FROM {pathway} AND {more} AND {month_sql(asked, 'p.opened_at')}"


def params(organisation: int) -> dict:
    # Sent before the end of the day that is as many days ago as the partnership gives.
    day = timezone.localdate() - timedelta(days=Partnership._meta.get_field("lead_after").default - 1)
    return {"organisation": organisation, "yes": True, "due": timezone.make_aware(datetime.combine(day, datetime.min.time()))}


def numbers(organisation: int, query: str) -> dict[str, int]:
    """Every number of the page by the address of its list, baseline included."""
    asked, choices = QueryDict(query), choices_of(organisation)
    form = GroupForm(asked, choices)

    def link(**more: str) -> str:
        return "&".join(f"{name}={value}" for name, value in (form.on | more).items() if value)

    figures = count_pathways(organisation, form.narrowed(), timezone.localdate(), choices.words(form.group_by), link)
    rows = [figures, *figures.funnel, *figures.stages, *figures.transitions, figures.all_handoffs, *figures.endings, *figures.groups]
    return {count.url: count.value for row in rows for count in vars(row).values() if hasattr(count, "url")}


@pytest.fixture
def told():
    with translation.override("en"):
        yield make_histories()


# Each narrows by one thing more; what is not asked for is told by the page without filters.
FILTERS = ["first=%(month)s", "age=30_39", "municipality=297", "municipality=none", "group=none", "measure=none", "background=basic", *(f"by={by}" for by in GroupBy.values if by != GroupBy.MONTH)]
SAMPLE = 60


def test_every_number_equals_its_list_and_a_count_in_plain_sql(told):
    """Every number of the page without filters; of the narrowed ones as many as a run has time for, others in each run."""
    organisation, today, narrowed = told.anna.organisation_id, timezone.localdate(), {}
    shown = numbers(organisation, "")
    for asked in [*FILTERS, f"measure={told.measures[0].pk}", f"organisation={organisation}", f"partnership={told.made.partnership.slug}"]:
        narrowed |= numbers(organisation, asked % {"month": f"{today - timedelta(days=200):%Y-%m}"})
    chosen = random.sample(sorted(url for url, value in narrowed.items() if value and url not in shown), SAMPLE)
    choices = choices_of(organisation)

    with connection.cursor() as cursor:
        for url, value in (shown | {url: narrowed[url] for url in chosen}).items():
            asked = QueryDict(url)
            form = PathwayListForm(asked, choices)
            assert not form.errors, url
            cursor.execute(sql_of(asked), params(organisation))
            assert (list_behind(organisation, form.narrowed(), form.behind(), today).count(), cursor.fetchone()[0]) == (value, value), url
    assert sum(shown.values()) > 200
    assert {QueryDict(url)["figure"] for url, value in shown.items() if value} >= {"opened", "reached", "open", "closed", "period", "handoff"}


def test_quartiles_count_the_unfinished_as_longer_than_any():
    days = {2: 1, 5: 1, 9: 1}

    assert quartiles(days, 1) == Quartiles(2, 5, 9)
    assert quartiles(days, 3) == Quartiles(5, 9, None)
    assert quartiles({4: 2}, 6) == Quartiles(4, None, None)
    assert quartiles({}, 2) == Quartiles(None, None, None)
    assert quartiles({}, 0) is None


def test_days_from_sent_to_met_are_those_of_the_hand_offs_themselves(told):
    """Reckoned again from the rows, one after the other."""
    organisation, found = told.anna.organisation_id, []
    before = params(organisation)["due"]
    mine = Handoff.objects.filter(pathway__participations__organisation=organisation, pathway__participations__ends_at=None) | Handoff.objects.filter(pathway__closed_at__isnull=False, pathway__process_owner=organisation)
    for handoff in mine.distinct().filter(sent_at__lt=before).exclude(state="withdrawn"):
        found.append((timezone.localdate(handoff.met_at) - timezone.localdate(handoff.sent_at)).days if handoff.met_at else inf)
    found.sort()
    choices = choices_of(organisation)

    figures = count_pathways(organisation, GroupForm(QueryDict(), choices).narrowed(), timezone.localdate(), choices.words("month"))

    expected = [found[ceil(len(found) * quarter / 4) - 1] for quarter in (1, 2, 3)]
    told_days = figures.all_handoffs.days
    assert [inf if one is None else one for one in (told_days.first, told_days.middle, told_days.third)] == expected
    assert figures.all_handoffs.due.value == len(found) > 5


def test_page_is_no_reading_and_its_list_is_one_row_by_row(told, monkeypatch):
    monkeypatch.setattr("summaries.views.pathway_rows.ON_PAGE", 9)
    client = sign_in(told.anna)
    before = len(logged())

    page = client.get(PAGE)
    cells = [cell for table, _chart in page.context["sections"] for row in table.rows for cell in row if cell.url]
    most = max(cells, key=lambda cell: cell.value)
    rows, answer, pages = [], client.get(most.url), 1
    rows += answer.context["rows"]
    while answer.context["page"].after:
        answer = client.get(f"{most.url}&after={answer.context['page'].after}")
        rows, pages = rows + answer.context["rows"], pages + 1

    log = logged()[before:]
    assert [row[:2] for row in log] == [("list", "summaries:our_pathways_list")] * pages
    assert {name for row in log for name in row[2]} == {row.pseudonym for row in rows}
    assert (len(rows), pages > 1) == (most.value, True)
    assert all(row.pseudonym in Pathway.objects.filter(partnership=told.made.partnership).values_list("pseudonym", flat=True) for row in rows)


def test_others_see_their_own_pathways_only(told):
    client = sign_in(told.other.anna)

    page = client.get(PAGE)
    listed = client.get(f"{PAGE}list/")

    assert page.context["figures"].opened.value == listed.context["page"].count > 0
    assert {row.pseudonym for row in listed.context["rows"]} <= set(Pathway.objects.filter(partnership=told.other.partnership).values_list("pseudonym", flat=True))


def test_files_hold_the_numbers_of_the_page(told):
    client = sign_in(told.anna)
    tables = [table for table, _chart in client.get(f"{PAGE}?age=30_39").context["sections"]]

    book = load_workbook(BytesIO(client.get(f"{PAGE}figures.xlsx?age=30_39").content))
    written = list(csv.reader(StringIO(b"".join(client.get(f"{PAGE}figures.csv?age=30_39").streaming_content).decode("utf-8-sig")), delimiter=";"))
    paper = client.get(f"{PAGE}figures.pdf?age=30_39")

    for table, sheet in zip(tables, book.worksheets[1:-1], strict=True):
        assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [[float(cell.value) if isinstance(cell.value, Decimal) else cell.value or (None if cell.value == "" else cell.value) for cell in row] for row in table.rows]
    assert [["Age at the opening", "30–39"], ["Asked for by", told.anna.user.name]] == [[row[0].value, row[1].value] for row in book["About"].iter_rows() if row[0].value in ("Age at the opening", "Asked for by")]
    assert len(book.worksheets[-1]["A"]) == len(tables) + 1
    opened = next(line for line in written if line[:2] == ["Way through the stages", "Opened"])
    assert opened[2:] == ["Have come to it", str(tables[0].rows[0][1].value)]
    assert paper.status_code == 404 or paper.content.startswith(b"%PDF")


def test_what_the_source_says_stands_beside_what_is_counted(told):
    partnership, organisation = told.made.partnership, told.anna.organisation_id
    for code, value, more in (("asiakkaat", 6273, {}), ("osaamisen-kehittaminen", 2206, {"share_percent": 35}), ("ilman-tutkintoa", 1400, {"is_almost": True}), ("alle-30", 40, {"is_percent": True, "note_en": "No measure of all.", "note_fi": "Ei kerro kaikista."})):
        QuotedFigure.objects.create(partnership=partnership, code=code, name_fi=code, value=value, began_on="2021-01-01", quote="keksitty", source="made for tests", position=value, **more)

    page = sign_in(told.anna).get(PAGE)

    table = page.context["sections"][0][0]
    by_name = {row[0].text: row for row in table.rows}
    assert [by_name[code][1].text for code in ("asiakkaat", "osaamisen-kehittaminen", "ilman-tutkintoa", "alle-30")] == ["6,273", "2,206 (35 %)", "almost 1,400", "40 %"]
    for row in table.rows:
        asked = QueryDict(row[3].url.partition("?")[2])
        with connection.cursor() as cursor:
            cursor.execute(sql_of(asked), params(organisation))
            assert cursor.fetchone()[0] == row[3].value > 0
    # Of what is "almost" something nobody reckons a share.
    assert [by_name[code][4].text for code in ("asiakkaat", "ilman-tutkintoa")] == ["–", "–"]
    assert "No measure of all." in page.content.decode()


def test_page_asks_as_often_whatever_there_is_to_count(told):
    client = sign_in(told.anna)
    with counted() as with_many:
        client.get(PAGE)
    Pathway.objects.exclude(pk=Pathway.objects.filter(partnership=told.made.partnership, closed_at=None).first().pk).update(partnership=told.other.partnership, process_owner=told.other.city)
    with counted() as with_few:
        client.get(PAGE)

    assert len(with_few) <= len(with_many) <= 27
