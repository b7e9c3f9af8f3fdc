"""Every figure of every summary page equals the length of its list, and an independent count in plain SQL."""
from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from pilots.choices import ModelStatus, ObstacleStatus, OrganisationKind, ProposalStatus
from services.choices import ServiceKind
from summaries.actions.counting_ahead import count_ahead
from summaries.choices import Part, ScopeKind
from summaries.queries.figures import DEFINITIONS, NETWORK, Scope, period_of_use
from summaries.queries.summary import Summary, of_area, of_municipality, read_summary
from summaries.views.places import EVERY_PART
from tests.pilots.factories import make_area, make_member, make_model, make_organisation, make_round
from tests.pilots.obstacles import make_coordinator, make_obstacle, make_proposal
from tests.services.factories import make_resource, make_service
from tests.services.web import sign_in
from tests.summaries.figured import book_on, make_figured_network

pytestmark = pytest.mark.django_db

SHOWN = "(m.ends_on IS NULL OR m.ends_on > %(today)s OR m.ends_on = (SELECT r.ends_on FROM pilots_round r JOIN pilots_pilotarea a ON a.round_id = r.id WHERE a.id = m.area_id))"
MEMBER = f"SELECT COALESCE(m.organisation_id, u.owner_id) FROM pilots_areamembership m LEFT JOIN pilots_unit u ON u.id = m.unit_id JOIN pilots_pilotarea a ON a.id = m.area_id WHERE {SHOWN}"
AREA_MEMBER = f"{MEMBER} AND a.slug = %(code)s"
HOME = "SELECT c.id FROM pilots_municipality c WHERE c.code = %(code)s"
# What each kind of list is narrowed by: of the network, of an area, of a municipality.
ORGANISATION = {
    ScopeKind.NETWORK: f"o.id IN ({MEMBER})",
    ScopeKind.AREA: f"o.id IN ({AREA_MEMBER})",
    ScopeKind.MUNICIPALITY: f"o.id IN ({MEMBER}) AND o.municipality_id IN ({HOME})",
}
MODEL = {
    ScopeKind.NETWORK: "1 = 1",
    ScopeKind.AREA: "x.area_id IN (SELECT a.id FROM pilots_pilotarea a WHERE a.slug = %(code)s)",
    ScopeKind.MUNICIPALITY: f"(x.organisation_id IN (SELECT o.id FROM pilots_organisation o WHERE o.municipality_id IN ({HOME})) OR EXISTS (SELECT 1 FROM pilots_cooperationmodel_municipalities cm WHERE cm.cooperationmodel_id = x.id AND cm.municipality_id IN ({HOME}))"
    f" OR EXISTS (SELECT 1 FROM pilots_modelpartner p LEFT JOIN pilots_organisation o ON o.id = p.organisation_id LEFT JOIN pilots_unit u ON u.id = p.unit_id WHERE p.model_id = x.id AND (o.municipality_id IN ({HOME}) OR u.municipality_id IN ({HOME}))))",
}
BEHIND = "SELECT a.id FROM pilots_pilotarea a WHERE a.slug = %(code)s"
OBSTACLE = {
    ScopeKind.NETWORK: "1 = 1",
    ScopeKind.AREA: f"(x.reported_by_id IN ({BEHIND}) OR x.id IN (SELECT s.obstacle_id FROM pilots_obstaclesupport s WHERE s.area_id IN ({BEHIND})) OR x.id IN (SELECT b.obstacle_id FROM pilots_obstacle_areas b WHERE b.pilotarea_id IN ({BEHIND})))",
}
PROPOSAL = {
    ScopeKind.NETWORK: "1 = 1",
    ScopeKind.AREA: f"(y.area_id IN ({BEHIND}) OR x.reported_by_id IN ({BEHIND}) OR x.id IN (SELECT s.obstacle_id FROM pilots_obstaclesupport s WHERE s.area_id IN ({BEHIND})))",
}
SERVICE = {
    ScopeKind.NETWORK: "1 = 1",
    ScopeKind.AREA: f"x.organisation_id IN ({AREA_MEMBER})",
    ScopeKind.MUNICIPALITY: f"(x.place_id IN (SELECT p.id FROM services_place p WHERE p.municipality_id IN ({HOME})) OR (x.place_id IS NULL AND x.organisation_id IN (SELECT o.id FROM pilots_organisation o WHERE o.municipality_id IN ({HOME}))))",
}
LENDER = {ScopeKind.NETWORK: "1 = 1", ScopeKind.AREA: f"l.id IN ({AREA_MEMBER})", ScopeKind.MUNICIPALITY: f"l.municipality_id IN ({HOME})"}
FORMS = "SELECT f.educationform_id FROM pilots_organisation_education_forms f WHERE f.organisation_id = "
CROSSES = {
    "": "1 = 1",
    "-municipal": "l.municipality_id <> b.municipality_id",
    "-forms": f"EXISTS ({FORMS}l.id) AND EXISTS ({FORMS}b.id) AND NOT EXISTS ({FORMS}l.id AND f.educationform_id IN ({FORMS}b.id))".replace(f"IN ({FORMS}b.id)", f"IN ({FORMS.replace('f.', 'g.').replace('forms f', 'forms g')}b.id)"),
}
LENT = {
    "bookings": "SELECT COUNT(*) FROM services_booking k JOIN services_resource r ON r.id = k.resource_id JOIN pilots_organisation l ON l.id = r.owner_id JOIN pilots_organisation b ON b.id = k.organisation_id WHERE k.state = 'confirmed' AND l.id <> b.id AND k.starts_at >= %(first)s AND k.starts_at < %(until)s",
    "enrolments": "SELECT COUNT(*) FROM services_enrolment k JOIN services_courserun r ON r.id = k.run_id JOIN services_sharedservice s ON s.id = r.service_id JOIN pilots_organisation l ON l.id = s.organisation_id JOIN pilots_organisation b ON b.id = k.organisation_id WHERE k.state IN ('enrolled', 'completed', 'interrupted') AND l.id <> b.id AND r.first_day >= %(first_day)s AND r.first_day < %(until_day)s",
}


def sql_of(code: str, kind: str) -> str:
    """The count of a figure, written a second time."""
    family, _, rest = code.partition("-")
    if family == "members":
        return f"SELECT COUNT(*) FROM pilots_organisation o WHERE {ORGANISATION[kind]}" + (f" AND o.kind = '{rest}'" if rest else "")
    if family == "form":
        given = f"(SELECT e.id FROM pilots_educationform e WHERE e.code = '{rest}')"
        return (
            f"SELECT COUNT(*) FROM pilots_organisation o WHERE {ORGANISATION[kind]} AND (EXISTS ({FORMS}o.id AND f.educationform_id = {given})"
            f" OR EXISTS (SELECT 1 FROM pilots_unit u JOIN pilots_unit_education_forms f ON f.unit_id = u.id WHERE u.owner_id = o.id AND f.educationform_id = {given}))"
        )
    if family == "models":
        more = ""
        if rest.startswith("goal-"):
            more = f" AND EXISTS (SELECT 1 FROM pilots_modelgoal g JOIN pilots_goal n ON n.id = g.goal_id WHERE g.model_id = x.id AND n.number = {rest.removeprefix('goal-')})"
        elif rest:
            more = f" AND EXISTS (SELECT 1 FROM pilots_modelstatusperiod s WHERE s.model_id = x.id AND s.ends_on IS NULL AND s.status = '{rest}')"
        return f"SELECT COUNT(*) FROM pilots_cooperationmodel x WHERE x.state = 'public' AND {MODEL[kind]}{more}"
    if family == "obstacles":
        return f"SELECT COUNT(*) FROM pilots_obstacle x WHERE x.published_at IS NOT NULL AND x.merged_into_id IS NULL AND {OBSTACLE[kind]}" + (f" AND x.status = '{rest}'" if rest else "")
    if family == "proposals":
        return f"SELECT COUNT(*) FROM pilots_proposal y JOIN pilots_obstacle x ON x.id = y.obstacle_id WHERE y.status <> 'draft' AND x.published_at IS NOT NULL AND x.merged_into_id IS NULL AND {PROPOSAL[kind]}" + (f" AND y.status = '{rest}'" if rest else "")
    if family == "services":
        return f"SELECT COUNT(*) FROM services_sharedservice x WHERE x.state = 'public' AND x.shown_outside AND {SERVICE[kind]}" + (f" AND x.kind = '{rest}'" if rest else "")
    return f"{LENT[family]} AND {LENDER[kind]} AND {CROSSES[f'-{rest}' if rest else '']}"


def count_by_sql(code: str, scope: Scope) -> int:
    today = timezone.localdate()
    first_day, until = period_of_use(today)
    midnight = {"first": first_day, "until": until}
    given = {"today": today, "code": scope.code, "first_day": first_day, "until_day": until} | {name: connection.ops.adapt_datetimefield_value(_midnight(day)) for name, day in midnight.items()}
    sql = sql_of(code, scope.kind)
    with connection.cursor() as cursor:
        cursor.execute(sql, {name: value for name, value in given.items() if f"%({name})s" in sql})
        return cursor.fetchone()[0]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


@pytest.fixture
def made():
    return make_figured_network()


@pytest.fixture
def staff(made) -> Client:
    return sign_in(made.staff)


def scopes_of(made) -> list[Scope]:
    return [NETWORK, of_area(made.one), of_area(made.other), of_municipality(made.here), of_municipality(made.there)]


def summary_of(made, scope: Scope) -> Summary:
    place = next((one for one in (made.here, made.there) if of_municipality(one) == scope), None)
    with translation.override("en"):
        summary = read_summary(EVERY_PART, None, place=place)
        assert summary.figures
    return summary


def length_of(client: Client, url: str) -> int:
    response = client.get(url)
    assert not response.context["filter_form"].errors, url
    found = response.context["page_obj"]
    return found.count if hasattr(found, "count") and not callable(found.count) else found.paginator.count


def test_figures_are_as_many_as_their_lists_and_as_plain_sql_counts(made, staff):
    wrong, told = {}, 0
    with translation.override("en"):
        for scope in scopes_of(made):
            summary = summary_of(made, scope)
            for figure in summary.figures:
                if not figure.is_of(scope.kind):
                    continue
                value = summary.value(figure, scope)
                told += value
                # An empty list of a kind that nobody has is asked for once, not for every area.
                listed = length_of(staff, figure.url(scope)) if value or scope in (NETWORK, of_area(made.one)) else value
                counted = count_by_sql(figure.code, scope)
                if not value == listed == counted:
                    wrong[figure.code, scope.code] = (value, listed, counted)

    assert told > 60
    assert wrong == {}


def test_figures_have_something_to_count_in_every_family(made):
    summary = summary_of(made, NETWORK)

    counted = {figure.definition for figure in summary.figures if summary.value(figure, NETWORK)}

    assert counted == {one.code for one in DEFINITIONS}


def test_figures_are_a_closed_list(made):
    """A code once frozen is never given another meaning: whoever changes this list says so."""
    codes = {figure.code for figure in summary_of(made, NETWORK).figures if figure.definition not in ("form", "models-goal")}

    assert codes == {
        "members", *(f"members-{kind}" for kind in OrganisationKind.values), "models", *(f"models-{status}" for status in ModelStatus.values), "obstacles", *(f"obstacles-{status}" for status in ObstacleStatus.values),
        "proposals", *(f"proposals-{status}" for status in ProposalStatus.values if status != "draft"), "services", *(f"services-{kind}" for kind in ServiceKind.values),
        *(f"{what}{border}" for what in ("bookings", "enrolments") for border in CROSSES),
    }  # fmt: skip


def test_network_page_shows_the_figures_and_links_their_lists_to_those_who_may_open_them(made, staff):
    for part in Part.values:
        path = f"/en/summary/?part={part}"
        response = staff.get(path)
        summary = read_summary([Part(part)], None)
        for row in response.context["rows"]:
            assert [cell.value for cell in row.cells] == [summary.value(cell.figure, of_area(row.area)) for cell in row.cells]
            assert all(cell.url for cell in row.cells)
    visitor = Client().get("/en/summary/?part=use")

    assert [cell.url for row in visitor.context["rows"] for cell in row.cells] == [""] * 12
    assert [cell.value for cell in visitor.context["whole"]][:2] == [5, 4]


def test_network_page_tells_the_share_across_borders(made):
    whole = Client().get("/en/summary/?part=use").context["whole"]

    assert [(cell.figure.code, cell.value, cell.share) for cell in whole[:3]] == [("bookings", 5, ""), ("bookings-municipal", 4, "80 %"), ("bookings-forms", 1, "20 %")]


def test_network_page_sorts_by_any_column(made):
    def order(sort: str) -> list[str]:
        return [row.area.slug for row in Client().get(f"/en/summary/?part=goals&sort={sort}").context["rows"]]

    assert (order("models"), order("-models"), order("models-goal-2"), order("name"), order("-name")) == (["yksi", "kaksi"], ["kaksi", "yksi"], ["yksi", "kaksi"], ["kaksi", "yksi"], ["yksi", "kaksi"])
    assert order("no-such-figure") == order("name")


def test_area_page_tells_where_the_area_stands(made):
    response = Client().get("/en/areas/yksi/summary/")

    lines = {line.cell.figure.code: line for _label, _code, lines in response.context["groups"] for line in lines}
    assert (lines["models"].cell.value, lines["models"].standing.place, lines["models"].standing.of, lines["models"].standing.middle) == (2, 1, 2, 1.5)
    assert [area.slug for area, _value in response.context["chart"].bar_rows] == ["yksi", "kaksi"]


def test_page_of_what_is_no_longer_there_opens_no_list_that_does_not_know_it(made):
    made.here.valid_to = timezone.localdate()
    made.here.save()
    old = make_area("Vanha alue", slug="vanha", round=make_round(slug="ennen", starts_on=date(2010, 1, 1), ends_on=date(2012, 1, 1)))

    groups = Client().get(f"/en/municipalities/{made.here.code}/summary/").context["groups"]

    assert {line.cell.url for _label, _code, lines in groups for line in lines} == {""}
    assert Client().get(f"/en/areas/{old.slug}/summary/").url == f"/en/areas/{old.slug}/report/"
    assert [Client().get(f"/en/areas/{slug}/summary.csv").status_code for slug in ("vanha", "ei-ole", "yksi")] == [404, 404, 200]


def test_pages_ask_as_much_for_more_rows(made, staff):
    with translation.override("en"):
        paths = {reverse("summaries:network_summary"): 12, f"{reverse('summaries:network_summary')}?part=use": 12, reverse("summaries:area_summary", args=["yksi"]): 14, reverse("summaries:municipality_summary", args=[made.here.code]): 18}
    before = {path: counted(staff, path) for path in paths}
    for number in range(3):
        _more_of_everything(made, number)

    assert {path: counted(staff, path) for path in paths} == before
    assert all(before[path] <= most for path, most in paths.items()), before


def counted(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    return len(queries)


def _more_of_everything(made, number: int) -> None:
    area, body = make_area(), make_organisation(municipality=made.here)
    make_member(area, body)
    make_model(area)
    make_proposal(make_obstacle(make_coordinator(area)))
    book_on(make_service(make_resource(body)), made.outsider, period_of_use(timezone.localdate())[0] + timedelta(days=number))


def test_figures_counted_ahead_are_those_of_now_and_of_today_only(made):
    scopes = [NETWORK, of_area(made.one), of_area(made.other)]

    def told(summary: Summary) -> dict:
        return {(figure.code, scope): summary.value(figure, scope) for figure in summary.figures for scope in scopes}

    now = read_summary(EVERY_PART, None)
    count_ahead(timezone.now())
    with CaptureQueriesContext(connection) as queries:
        ahead = read_summary(EVERY_PART, None)
    assert (told(ahead), ahead.counted_at is None, now.counted_at) == (told(now), False, None)
    assert any(told(now).values())
    assert len(queries) <= 2

    # What changes is in the lists at once, and in the figures at the next minute; a municipality is counted for its reader.
    make_member(made.one, make_organisation("Uusi", municipality=made.here))
    assert told(read_summary(EVERY_PART, None)) == told(now)
    assert read_summary(EVERY_PART, None, place=made.here).counts["members", of_municipality(made.here)] == now.counts["members", of_municipality(made.here)] + 1
    count_ahead(timezone.now())
    assert told(read_summary(EVERY_PART, None))["members", NETWORK] == told(now)["members", NETWORK] + 1

    count_ahead(timezone.now() - timedelta(days=1))
    assert read_summary(EVERY_PART, None).counted_at is None
