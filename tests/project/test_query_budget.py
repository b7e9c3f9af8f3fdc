"""Every page in a bounded number of queries and bytes, with the real network loaded and as the person who costs most."""
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from guidance.actions.attachments import attach_file
from guidance.actions.contacts import log_event
from guidance.actions.drop_ins import log_drop_in
from guidance.actions.handoffs import withdraw_handoff
from guidance.actions.timeline import add_step
from guidance.choices import AssessmentCode, EventKind, Part, StepKind
from guidance.models import Absence, PartnershipPart, WorkPeriod
from pilots.models import Round
from tests.guidance.factories import make_counsellor, make_handoff, make_item, make_option, make_organisation, make_pathway, make_shared_pathway, make_workplace
from tests.guidance.web import counted
from tests.pilots.files import SMALLEST_PNG
from tests.project.access import ROWS
from tests.project.states import make_states
from tests.project.world import PEOPLE, World

pytestmark = pytest.mark.once

MOST_QUERIES = 8
# Seven of them are the frame of a page about clients: session, user, memberships, second factor, what waits, and the read log's two rows.
MOST_QUERIES_OF_GUIDANCE = 12
# A page of the client's own: twelve, and the marks of its transaction.
MOST_QUERIES_OF_OWN = 16
GUIDANCE_QUERIES = {
    **dict.fromkeys(("waiting", "waiting_list", "client_list", "figure_kuvio1", "figure_kuvio2", "lead_list", "partnership_list", "partnership_detail"), 8),
    **dict.fromkeys(("handoff_list", "handoff_detail", "handoff_accept", "handoff_decline", "handoff_withdraw", "handoff_met", "handoff_contact", "handoff_pause"), 9),
    **dict.fromkeys(("handoff_text", "handoff_print"), 11),
    # The pathway, and the courses or one of them with what is taken and kept, however many there are.
    "course_find": 14,
    "course_ask": 15,
    # Everything that is kept of one client, and all that rests on a consent.
    "pathway_export": 17,
    "consent_withdraw": 20,
    # With the links to an appointment that can still be opened.
    "own_access": 13,
    "consent_withdraw_outside": 14,
    # Every table that holds something of the client, one query each, however many rows there are.
    **dict.fromkeys(("rights_data", "rights_file", "rights_erase"), 45),
}
# Everything that is kept of one thing on its page; and the three lists of those for whom a service can be chosen. The frame of
# whoever handles services counts the requests to answer.
SERVICE_QUERIES = {
    # A model with all its parts, comments, copies and services; its form with the rows of each part, and what can be chosen in them.
    "pilots:model_detail": 23, "pilots:model_edit": 17, "pilots:model_list": 12, "pilots:model_own": 11, "pilots:goal_table": 12, "pilots:goal_detail": 12,
    # An obstacle with its places, weights and proposals; with what it would be merged into.
    "pilots:obstacle_detail": 15, "pilots:obstacle_move": 11, "pilots:obstacle_merge_confirm": 14, "pilots:obstacle_edit": 12,
    "services:service_detail": 11, "services:resource_detail": 11, "services:offer_publish": 11, "services:offer_terms": 14,
    # What could meet a need: the offers, their forms of education, and all their calendars at once.
    "services:need_detail": 17, "services:need_add": 10, "services:need_edit": 14, "services:need_substitute": 11,
    "services:round_detail": 13, "services:round_add": 11, "services:round_edit": 13, "services:wish_edit": 9,
    # A list is judged as a whole each time it is looked at, with what is there already.
    "services:import_review": 11, "services:import_row": 12, "services:import_columns": 10, "services:import_discard": 9, "services:list_hub": 9, "services:busy_times": 11,
    # Its parties with their decisions, its lines, and what has been settled; of a settlement its lines and shares too.
    **dict.fromkeys(("services:agreement_list", "services:agreement_detail", "services:agreement_line_edit", "services:settlement_add", "services:settlement_correct"), 9),
    **dict.fromkeys(("services:settlement_accept", "services:settlement_discard", "services:settlement_xlsx"), 11), "services:settlement_detail": 13,
    **dict.fromkeys(("services:use_figures", "services:use_xlsx"), 15),
    # A municipality with its figures, those like it, and who gives which education there.
    "pilots:municipality_detail": 16, "/municipalities/140/": 16, "pilots:municipality_environment": 9, "pilots:provision_add": 9, "pilots:provision_edit": 10, "pilots:provision_history": 10, "pilots:figure_file": 10, "pilots:lawful_models": 9,
    # Everything that is public, in ten; everything of an area, and of a municipality and those like it.
    "/search/?q=savo": 10, **dict.fromkeys(("summaries:area_report", "summaries:area_report_file", "summaries:board_pages", "summaries:board_pages_file"), 30), "summaries:skill_answers": 11, "pilots:area_detail": 14, "/areas/yla-savo/": 12,
    # All areas with everything that is counted of them, or one place and its trend; the frame of whoever sees most takes six.
    **dict.fromkeys(("summaries:network_summary", "summaries:network_file"), 12), **dict.fromkeys(("summaries:area_summary", "summaries:area_summary_file"), 13), "summaries:municipality_summary": 17, "summaries:municipality_summary_file": 14,
    # Everything that is counted of the pathways of one's organisation, and to what it can be narrowed; each as a page about clients.
    "summaries:our_pathways": 22, "summaries:our_pathways_file": 22, "summaries:our_pathways_list": 18,
    # To programmes, one query for each list within what is told; the question is counted in one.
    "api_model": 13, "api_model_list": 10, "api_obstacle": 10, "api_organisation_list": 9, "hsds_bulk": 9,
    "services:run_detail": 9, "services:run_enrolments": 9, "services:run_quotas": 10,
    # The log in plain words, with the grounds of that time and what was handed on; everything that rests on a consent.
    "own:reading_list": 19, **dict.fromkeys(("own:consent_withdraw", "own:consent_withdraw_outside"), 20),
}  # fmt: skip
MOST_BYTES_OF_A_LIST = 60_000
# Things wait for the first two, the third has an area of their own: each costs its page a query or a link more.
COSTLIEST_FIRST = ("portal_administrator", "administrator", "coordinator", *PEOPLE)
OF_THE_NETWORK = (
    "/",
    "/areas/",
    "/areas/yla-savo/",
    "/areas/?q=savo&kind=municipality&sort=number",
    "/municipalities/",
    "/municipalities/?q=sa&kopa=in&sort=code",
    "/municipalities/140/",
    "/organisations/",
    "/organisations/?q=savo",
    "/search/?q=savo",
    "/contacts/",
)


def budget_of(client: Client, path: str) -> tuple[int, int]:
    """(queries, bytes) of the answer; what is made at the first request only is not counted."""
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    assert response.status_code < 500, path
    return len(queries), len(response.getvalue())


def costliest(name: str) -> str:
    return next(person for person in COSTLIEST_FIRST if person in ROWS[name].may)


@pytest.fixture
def portal(world: World) -> World:
    """The made people, with something waiting for them, in the real network; its round is the one that the lists show."""
    call_command("load_network", verbosity=0)
    Round.objects.filter(slug="kierros").update(starts_on=date(2010, 1, 1))
    return world


def test_query_budget_holds_on_every_page(portal, client_of):
    # Pages of guidance read more and write the read log; theirs are below.
    pages = [(name, row) for name, row in ROWS.items() if "GET" in row.methods and row.may and not row.library and not name.startswith("guidance:")]
    addresses = {name: reverse(name, kwargs=row.arguments(portal.own) if row.arguments else {}) for name, row in pages}
    budgets = {name: budget_of(client_of(costliest(name)), address) for name, address in addresses.items()}
    budgets |= {path: budget_of(client_of("portal_administrator"), path) for path in OF_THE_NETWORK}

    over = {page: queries for page, (queries, _size) in budgets.items() if queries > SERVICE_QUERIES.get(page, MOST_QUERIES_OF_OWN if page.startswith("own:") else MOST_QUERIES)}
    large = {page: size for page, (_queries, size) in budgets.items() if (page in OF_THE_NETWORK or page.endswith("_list")) and size > MOST_BYTES_OF_A_LIST}

    assert len(budgets) > 30
    assert over == {}, "\n".join(f"{page}: {queries}" for page, queries in sorted(over.items()))
    assert large == {}


def grow(world: World) -> None:
    """Two more of each thing that a page of guidance lists, as many of them as can be in the pathway that is looked at."""
    side, counsellor, lead = world.own, world.memberships["counsellor"], world.memberships["lead"]
    made = SimpleNamespace(partnership=side.partnership, anna=counsellor, ossi=side.receiver, college=side.partner)
    now, today = timezone.now(), timezone.localdate()
    for turn, code in enumerate((AssessmentCode.FINANCES, AssessmentCode.JOB_SEARCH), start=1):
        colleague, partner = make_counsellor(side.organisation), make_organisation(f"Keksitty lisä {turn}")
        PartnershipPart.objects.create(partnership=side.partnership, organisation=partner, part=Part.OTHER, position=turn + 1, acts_as_authority=True, processing_statute="keksitty säännös")
        for organisation in (partner, side.partner):
            make_counsellor(organisation)
        make_workplace(side.pathway, counsellor)
        make_option(side.pathway, counsellor)
        make_item(side.pathway, counsellor, code=code)
        WorkPeriod.objects.create(pathway=side.pathway, employer="Keksitty työnantaja", starts_on=today, by=counsellor)
        add_step(by=counsellor, pathway=side.pathway, responsible=colleague, kind=StepKind.APPOINTMENT, what="Tapaaminen", due_on=today, starts_at=now + timedelta(days=turn))
        attach_file(by=counsellor, pathway=side.pathway, name=f"lisa{turn}.png", content=SMALLEST_PNG)
        log_event(by=counsellor, pathway=side.pathway, kind=EventKind.NOTE, at=now, text="Lisää")
        log_drop_in(by=counsellor, partnership=side.partnership, topic="work")
        withdraw_handoff(by=counsellor, handoff=make_handoff(made, side.pathway, to=partner))
        make_handoff(made, make_pathway(made))
        make_handoff(made, make_shared_pathway(made), by=side.receiver, to=side.organisation)
        Absence.objects.create(membership=counsellor, substitute=lead, starts_on=today + timedelta(days=10 * turn), ends_on=today + timedelta(days=10 * turn))


@pytest.mark.parametrize("rows", [1, 3])
def test_query_budget_holds_on_every_page_of_guidance(world, client_of, rows):
    make_states(world)
    if rows == 3:
        grow(world)
    in_state = {"guidance:handoff_met": world.own.accepted, "guidance:handoff_contact": world.own.accepted, "guidance:handoff_again": world.own.taken_back}
    found = {}
    for name, row in ROWS.items():
        if not name.startswith("guidance:") or "GET" not in row.methods or not row.may:
            continue
        arguments = {"pk": in_state[name].pk} if name in in_state else row.arguments(world.own) if row.arguments else {}
        address = reverse(name, kwargs=arguments)
        client = client_of(next(person for person in ("lead", "counsellor", *PEOPLE) if person in row.may))
        client.get(address)
        with counted() as statements:
            response = client.get(address)
        assert response.status_code < 400, name
        found[name.partition(":")[2]] = len(statements)

    over = {name: queries for name, queries in found.items() if queries > GUIDANCE_QUERIES.get(name, MOST_QUERIES_OF_GUIDANCE)}
    assert len(found) > 60
    assert over == {}, "\n".join(f"{page}: {queries}" for page, queries in sorted(over.items()))
