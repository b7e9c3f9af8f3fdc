"""What pages, filters, files and charts answer about clients, read as anybody can read it and worked at together."""
import csv
import io
import re
from datetime import date

import pytest
from django.db import transaction
from django.test import Client
from openpyxl import load_workbook

from guidance.models import Partnership, QuotedFigure
from summaries.actions import publishing
from summaries.models import PublishedCell
from summaries.queries.published_tables import EVERY, GONE, NETWORK, TABLES, tables_for
from tests.pilots.obstacles import make_staff
from tests.summaries.published import MONTHS, Attacker, Told, made_people, publish_all, store
from tests.summaries.test_published_secrecy import only_small

pytestmark = pytest.mark.django_db
PUBLIC, STAFF = "/en/summary/pathways/", "/en/summary/pathways/partnerships/"
HIDDEN = "⊘ hidden"
WHOLE = "The whole network"


def number(text: str) -> int | None:
    """A count as a page or a file tells it, without its share. Anything else than a number or the words of a hidden one is a fault."""
    text = re.sub(r"\s*\(\d+ %\)$", "", " ".join(text.replace("\xa0", " ").split()))
    return None if text == HIDDEN else int(text.replace(",", "").replace(" ", ""))


def words_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def add(told: Told, key: tuple, count: int | None) -> None:
    assert told.setdefault(key, count) == count, f"{key} is told in one place and otherwise in another"


def read_page(client: Client, path: str, told: Told, table, month: date, *, everything: bool) -> None:
    html = client.get(f"{path}?table={table.code}&month={month:%Y-%m}").content.decode()
    figures = html[html.index('id="figures"') : html.index('id="pictures"')]
    rows = [[words_of(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)] for row in re.findall(r"<tr>(.*?)</tr>", figures, re.S)]
    columns = {str(label).capitalize()[:1] + str(label)[1:]: table.cell(code) for code, label in table.shown}
    cells = []
    if everything:
        for name, *counts in rows[1:]:
            cells += [(columns[head], "" if name == WHOLE else name, count) for head, count in zip(rows[0][1:], counts, strict=True)]
    else:
        cells = [(columns[name], NETWORK, count) for name, count in rows[1:]]
    for (code, column), name, count in cells:
        add(told, (month, code, slug_of(name), column), number(count))
    drawn = html[html.index('id="parts-name"') : html.index('id="trend-title"')]
    values = [number(text) for text in re.findall(r'text-anchor="end">([^<]*)</text>', drawn)]
    shown = [number(count) for _key, name, count in cells if name == NETWORK]
    assert values == shown, "the drawing tells what the table does not"
    trend = html[html.index('id="trend-title"') : html.index('id="meaning"')]
    for name, count in re.findall(r"<th scope=\"row\"><a[^>]*>(\d+/\d+)</a></th><td class=\"number\">(.*?)</td>", trend):
        first, year = name.split("/")
        add(told, (date(int(year), int(first), 1), table.total[0], NETWORK, table.total[1]), number(words_of(count)))


def slug_of(name: str) -> str:
    return NAMES.get(name, name)


NAMES: dict[str, str] = {}


def read_file(client: Client, path: str, told: Told, month: date, *, everything: bool) -> None:
    titles = {str(table.title): table for table in TABLES}
    lines = list(csv.reader(io.StringIO(b"".join(client.get(f"{path}tables.csv?month={month:%Y-%m}").streaming_content).decode("utf-8-sig")), delimiter=";"))
    sheet = [list(row) for row in load_workbook(io.BytesIO(client.get(f"{path}tables.xlsx?month={month:%Y-%m}").content)).worksheets[0].values]
    assert len(lines) == len(sheet) > 10
    for (title, _first, _last, name, label, count, part), typed in zip(lines[1:], sheet[1:], strict=True):
        table = titles[title]
        code, column = next(table.cell(code) for code, words in table.shown if str(words).lower() == label.lower())
        add(told, (month, code, slug_of("" if name == WHOLE else name), column), number(count))
        assert typed[5] == (HIDDEN if number(count) is None else int(count)), "numbers are numbers, hidden ones are words"
        assert (typed[6] is None) == (part == "")
        assert part == "" or number(count) is not None, "a share of a hidden count"
    assert everything or {line[3] for line in lines[1:]} == {WHOLE}


def everything_told(staff, months=MONTHS) -> Told:
    """Both pages with every table and month, and all files."""
    told: Told = {}
    for path, who, everything in ((PUBLIC, Client(), False), (STAFF, Client(), True)):
        if everything:
            who.force_login(staff.user)
        for month in months:
            for table in tables_for(everything=everything):
                if table.is_frozen_with(month):
                    read_page(who, path, told, table, month, everything=everything)
            read_file(who, path, told, month, everything=everything)
    return told


def make_published(rng) -> list:
    people = made_people(rng)
    made = store(people, rng)
    NAMES.clear()
    for slug, one in made.items():
        one.partnership.name_fi = f"Kumppanuus {slug}"
        one.partnership.save()
        NAMES[f"Kumppanuus {slug}"] = slug
    return people


@pytest.mark.battery
def test_nobody_can_be_found_in_all_that_is_answered(rng, battery_count):
    staff = make_staff()
    for _turn in range(battery_count(10)):
        with transaction.atomic():
            make_published(rng)
            publish_all()

            told = everything_told(staff)

            frozen = {(cell.month, cell.table, cell.partnership, cell.column): cell.count for cell in PublishedCell.objects.all()}
            # A column of the erased that nobody is in is left out.
            assert told | {key: 0 for key, count in frozen.items() if key[3] == GONE and count == 0} == frozen, "what was frozen is told as it was, and nothing else"
            assert {None, 0} <= set(told.values())
            assert Attacker(told).narrow() == []
            # The tables take nothing back: other people come to an empty database.
            transaction.set_rollback(True)


def test_answers_without_the_complement_are_seen_to_tell_of_a_few(rng, monkeypatch):
    """The guard's own proof."""
    monkeypatch.setattr(publishing, "hidden_of", only_small)
    make_published(rng)
    publish_all()

    assert Attacker(everything_told(make_staff())).narrow()


def test_source_stands_beside_what_was_measured_and_sums_only_what_is_told(rng):
    make_published(rng)
    publish_all()
    one = next(iter(NAMES.values()))
    values = {"position": 1, "value": 40, "is_percent": True, "began_on": date(2021, 1, 1), "quote": "40 %", "source": "Keksitty"}
    QuotedFigure.objects.create(partnership=Partnership.objects.get(slug=one), code="alle-30", name_fi="Alle 30", note_fi="Ei kaikista", **values)
    cells = {cell.column: cell for cell in PublishedCell.objects.filter(month=MONTHS[-1], table="age", partnership=NETWORK)}
    young = [cells[column] for column in ("under_20", "20_24", "25_29")]

    response = Client().get(f"{PUBLIC}?month={MONTHS[-1]:%Y-%m}")

    (baseline,) = response.context["baselines"]
    assert baseline.measured.value == (sum(cell.count for cell in young) if all(cell.count is not None for cell in young) else None)
    assert (baseline.quoted.shown, response.context["quoted_on"]) == ("40 %", date(2021, 1, 1))
    assert "Ei kaikista" in response.content.decode()


def test_filter_picks_a_declared_table_and_a_frozen_month_and_computes_none(rng):
    make_published(rng)
    publish_all(MONTHS[:3])

    response = Client().get(f"{PUBLIC}?table=municipality&month=1999-01&of=itä&age_group=under_20")

    assert (response.context["table"].code, response.context["told"].month, response.context["row"].slug) == ("opened", MONTHS[2], NETWORK)
    assert Client().get(f"{PUBLIC}?table=outcome").context["table"].code == "opened"
    assert Client().get(f"{PUBLIC}?table=age&month=2025-02").context["told"].month == MONTHS[2]


def test_pages_before_the_first_month_say_so():
    assert "No month has been frozen yet" in Client().get(PUBLIC).content.decode()
    assert len(b"".join(Client().get(f"{PUBLIC}tables.csv").streaming_content).decode().splitlines()) == 1


def test_funnel_with_a_hidden_stage_draws_it_dashed(rng):
    make_published(rng)
    publish_all()
    html = Client().get(f"{PUBLIC}?table=funnel").content.decode()
    hidden = PublishedCell.objects.filter(month=MONTHS[-1], table="funnel", partnership=NETWORK, count=None).count()

    assert html.count('class="bar below-nought"') == hidden
    assert EVERY in {cell.label[0] for cell in Client().get(f"{PUBLIC}?table=funnel").context["row"].cells}
