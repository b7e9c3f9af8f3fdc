"""The access table: for each URL name which object it is about, who may, and how everybody else is refused.

A URL without a row fails. Each cell (person x URL x object x method) is asked as declared here:
- OK: 200 or a redirect that is not to the sign-in (a POST without data may answer 200 with the form's errors)
- SIGN_IN: redirect to the sign-in page; FORBIDDEN: 403; MISSING: the same 404 as for an object that does not exist
- NOT_ALLOWED: 405; NEEDS_KEY: 401, of the API, where a session gives no right
"""
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

from services.api.hsds_rows import ORGANIZATION, SERVICE, uuid_of
from tests.project.world import PEOPLE, VISITOR

OK, SIGN_IN, FORBIDDEN, MISSING, NOT_ALLOWED, NEEDS_KEY = "ok", "sign in", "forbidden", "missing", "not allowed", "needs a key"
EVERYBODY = frozenset(PEOPLE)
SIGNED_IN = EVERYBODY - {VISITOR}
CLIENTS = frozenset({"client", "other_client"})
# Whoever acts for an organisation.
MEMBERS = SIGNED_IN - CLIENTS - {"newcomer"}
# Whoever is somebody on the own side is that somebody's counterpart on the foreign one.
PAIRS = {name: f"other_{name}" for name in ("coordinator", "administrator", "counsellor", "lead", "client")}
COUNTERPART = PAIRS | {other: name for name, other in PAIRS.items()}


@dataclass(frozen=True)
class Row:
    """`may` is who may act on the own side, `holders` who is told whether a thing exists: the others get 403 whatever they ask for.

    `arguments` gives the URL's arguments for a side, `missing` those of nothing.
    """

    may: frozenset[str] = EVERYBODY
    holders: frozenset[str] = EVERYBODY
    methods: frozenset[str] = frozenset({"GET"})
    arguments: Callable[[SimpleNamespace], dict] | None = None
    missing: dict | None = None
    may_foreign: frozenset[str] | None = None
    refused: str = FORBIDDEN
    in_languages: bool = True
    visitors_sign_in: bool = True
    # A view of a library: of methods that the table does not declare only no fault and no way in is asked.
    library: bool = False
    # Other answers of a library's view that are as good as the declared one (nothing there yet, sign in anew first).
    also: frozenset[str] = frozenset()

    def may_on(self, side: str) -> frozenset[str]:
        if side == "foreign" and self.may_foreign is not None:
            return self.may_foreign
        return self.may if side == "own" else frozenset(COUNTERPART.get(name, name) for name in self.may)

    def expected(self, person: str, side: str, method: str) -> str:
        if method not in self.methods:
            return NOT_ALLOWED
        if person == VISITOR and VISITOR not in self.may and self.visitors_sign_in:
            return SIGN_IN
        if side != "missing" and person in self.may_on(side):
            return OK
        if person not in self.holders:
            return FORBIDDEN
        return MISSING if side == "missing" else self.refused


GET, FORM, POST = frozenset({"GET"}), frozenset({"GET", "POST"}), frozenset({"POST"})


def _only(*people: str, **options) -> Row:
    return Row(may=frozenset(people), **options)


def _of(name: str, key: str = "pk", also: str | None = None):
    """The URL's argument from the side's object `name`; `also` names one whose slug the URL carries too."""

    def arguments(side: SimpleNamespace) -> dict:
        found = {key: getattr(getattr(side, name), key)}
        return found | {"slug": getattr(side, also).slug} if also else found

    return arguments


ADMINISTRATORS = frozenset({"administrator", "other_administrator", "portal_administrator"})
MANAGERS = ("administrator", "portal_administrator")
AREA = {"arguments": _of("area", "slug"), "missing": {"slug": "ei-ole"}}
MODEL = {"arguments": _of("model"), "missing": {"pk": 999_999}}
MODEL_FILE = {"arguments": lambda side: {"pk": side.model.pk, "file_id": side.model_file.pk}, "missing": {"pk": 999_999, "file_id": 999_999}}
COORDINATORS = frozenset({"coordinator", "other_coordinator"})
MODEL_KEEPERS = COORDINATORS | {"kuntaliitto"}


def _about(**arguments):
    """A thing that can be discussed, by its kind."""
    return {"arguments": lambda side: {"kind": "model", "pk": side.model.pk} | arguments, "missing": {"kind": "model", "pk": 999_999} | arguments}


ORGANISATION = {"arguments": _of("organisation", "slug"), "missing": {"slug": "ei-ole"}}
CONTACT = {"arguments": _of("contact", also="area"), "missing": {"slug": "alfa", "pk": 999_999}, "holders": frozenset({"coordinator"})}
MEMBER = {"arguments": _of("member", also="area"), "missing": {"slug": "alfa", "pk": 999_999}, "holders": frozenset({"coordinator"})}
MANAGED = ORGANISATION | {"holders": ADMINISTRATORS, "refused": MISSING}


def _managed(name: str) -> dict:
    return {"arguments": _of(name), "missing": {"pk": 999_999}, "holders": ADMINISTRATORS, "refused": MISSING}


GUIDES = frozenset({"counsellor", "other_counsellor", "lead", "other_lead"})
LEADS = frozenset({"lead", "other_lead"})
ALFA = frozenset(name for name, place in PEOPLE.items() if place and place[1] == "alfa")
BETA = frozenset(name for name, place in PEOPLE.items() if place and place[1] == "beta")
NOTHING = "2222-2222"


def _guided(methods: frozenset[str] = GET, name: str | None = None, key: str = "pk", **options) -> Row:
    """A page of one pathway, and of the row `name` of it: for the guides of the side, missing for those of the other."""

    def arguments(side: SimpleNamespace) -> dict:
        found = {"pseudonym": side.pathway.pseudonym}
        return found | {key: getattr(side, name).pk} if name else found

    missing = {"pseudonym": NOTHING} | ({key: 999_999} if name else {})
    return Row(**{"may": frozenset({"counsellor", "lead"}), "holders": GUIDES, "methods": methods, "refused": MISSING, "arguments": arguments, "missing": missing} | options)


def _handed(methods: frozenset[str] = FORM, name: str = "handoff", **options) -> Row:
    return Row(**{"may": frozenset({"counsellor", "lead"}), "holders": GUIDES, "methods": methods, "refused": MISSING, "arguments": _of(name), "missing": {"pk": 999_999}} | options)


def _partnered(methods: frozenset[str] = GET, **options) -> Row:
    return Row(**{"may": frozenset({"counsellor", "lead"}), "holders": GUIDES, "methods": methods, "refused": MISSING, "arguments": _of("partnership", "slug"), "missing": {"slug": "ei-ole"}} | options)


def _imported(methods: frozenset[str] = FORM, **options) -> Row:
    return _handed(methods, name="batch", **options)


LINE = {"arguments": lambda side: {"pk": side.batch.pk, "line": 4}, "missing": {"pk": 999_999, "line": 4}}
PART = {"arguments": lambda side: {"slug": side.partnership.slug, "pk": side.part.pk}, "missing": {"slug": "ei-ole", "pk": 999_999}}
PROGRAMME = {"arguments": lambda side: {"slug": side.partnership.slug, "pk": side.programme.pk}, "missing": {"slug": "ei-ole", "pk": 999_999}}
REMINDED = {"arguments": lambda side: {"slug": side.partnership.slug, "pk": side.handoff.pk}, "missing": {"slug": "ei-ole", "pk": 999_999}}


def _owned(methods: frozenset[str], **options) -> Row:
    """A page of the client's own pathway; it is missing for everybody else."""
    return Row(**{"may": frozenset({"client"}), "methods": methods, "refused": MISSING, "arguments": _of("pathway", "pseudonym"), "missing": {"pseudonym": NOTHING}} | options)


OWN_ROWS: dict[str, Row] = {
    **{f"own:{name}": Row(may=CLIENTS, refused=MISSING, holders=EVERYBODY, methods=methods) for name, methods in (("share_list", GET), ("share_add", FORM), ("reading_list", GET), ("access_list", GET))},
    "own:consent_withdraw": Row(may=frozenset({"client"}), may_foreign=frozenset({"other_client"}), refused=MISSING, methods=FORM, also=frozenset({MISSING}), arguments=lambda side: {"pk": side.told.pk}, missing={"pk": 999_999}),
    "own:consent_withdraw_outside": Row(may=frozenset({"client"}), may_foreign=frozenset({"other_client"}), refused=MISSING, methods=FORM, also=frozenset({MISSING}), arguments=_of("consent"), missing={"pk": 999_999}),
    "guidance:reader_naming": _only("protection_officer", *ADMINISTRATORS, holders=frozenset({"protection_officer"}) | ADMINISTRATORS, methods=FORM),
    "own:share_revoke": Row(may=frozenset({"client"}), may_foreign=frozenset({"other_client"}), refused=MISSING, methods=POST, arguments=_of("share"), missing={"pk": 999_999}),
    # A link that is none; those that work are in tests/guidance/test_sharing.py.
    "guidance:share_open": Row(may=frozenset(), methods=FORM, visitors_sign_in=False, refused=MISSING, arguments=lambda side: {"key": "ei-ole"}),
    **{f"own:{name}": Row(may=CLIENTS, refused=MISSING) for name in ("path", "written")},
    "own:close": Row(may=CLIENTS, refused=MISSING, holders=EVERYBODY, methods=FORM),
    "own:timeline": _owned(GET),
    "own:file": _owned(GET, arguments=lambda side: {"pseudonym": side.pathway.pseudonym, "pk": side.attachment.pk}, missing={"pseudonym": NOTHING, "pk": 999_999}),
    "own:write": _owned(FORM, arguments=lambda side: {"pseudonym": side.pathway.pseudonym, "kind": "question"}, missing={"pseudonym": NOTHING, "kind": "question"}),
    # Keys of nothing; those that work are in tests/guidance/test_own_join.py.
    **{f"own:{name}": Row(may=frozenset(), visitors_sign_in=False, refused=MISSING, methods=FORM, arguments=lambda side: {"key": "ei-ole"}) for name in ("join", "appointment", "back")},
}
ANSWERERS = frozenset({"protection_officer", "lead", "other_lead"})


def _asked(name: str, methods: frozenset[str] = FORM, **options) -> Row:
    """What a client of the side has asked: for those who answer there, missing for those of the other."""
    return Row(**{"may": frozenset({"protection_officer", "lead"}), "may_foreign": frozenset({"other_lead"}), "holders": ANSWERERS, "methods": methods, "refused": MISSING, "arguments": _of(name), "missing": {"pk": 999_999}} | options)


# Of the summaries, what is counted of clients: its pages stand under guidance's rights.
PATHWAY_ROWS: dict[str, Row] = {
    **{f"summaries:{name}": Row(may=GUIDES, holders=GUIDES) for name in ("our_pathways", "our_pathways_list")},
    "summaries:our_pathways_file": Row(may=GUIDES, holders=GUIDES, arguments=lambda side: {"what": "csv"}),
}
GUIDANCE_ROWS: dict[str, Row] = {
    "guidance:rights_list": Row(may=ANSWERERS, holders=ANSWERERS),
    "guidance:retention": Row(may=ANSWERERS, holders=ANSWERERS, methods=FORM),
    **{f"guidance:{name}": _asked("access_request", GET) for name in ("rights_detail", "rights_data", "rights_file")},
    **{f"guidance:{name}": _asked("access_request") for name in ("rights_answer", "rights_extend")},
    "guidance:rights_erase": _asked("erasure_request"),
    **{f"guidance:{name}": _asked("restriction_request") for name in ("rights_restrict", "rights_lift")},
    "guidance:rights_add": _guided(FORM),
    **{f"guidance:{name}": _only("protection_officer", holders=frozenset({"protection_officer"})) for name in ("reading_list", "reading_unusual")},
    "guidance:reading_rules": _only("protection_officer", holders=frozenset({"protection_officer"}), methods=FORM),
    **{f"guidance:{name}": Row(may=GUIDES, holders=GUIDES) for name in ("waiting", "client_list", "handoff_list")},
    "guidance:import_list": Row(may=GUIDES, holders=GUIDES, methods=FORM),
    "guidance:import_template": Row(may=GUIDES, holders=GUIDES),
    "guidance:import_review": _imported(GET),
    **{f"guidance:{name}": _imported() for name in ("import_columns", "import_discard")},
    **{f"guidance:{name}": _imported(POST) for name in ("import_store", "import_leave_out")},
    "guidance:import_row": _imported(**LINE),
    "guidance:import_decide": _imported(POST, **LINE),
    "guidance:partnership_list": _only(*SIGNED_IN),
    "guidance:legal_list": _only(*SIGNED_IN),
    "guidance:legal_add": _only("portal_administrator", holders=frozenset({"portal_administrator"}), methods=FORM),
    "guidance:legal_edit": _only("portal_administrator", holders=frozenset({"portal_administrator"}), methods=FORM, may_foreign=frozenset({"portal_administrator"}), arguments=lambda side: {"slug": "made"}, missing={"slug": "ei-ole"}),
    **{f"guidance:{name}": Row(may=GUIDES, holders=GUIDES, methods=FORM) for name in ("client_search", "client_add", "drop_in_list", "drop_in_add", "caseload_move", "absence_list")},
    "guidance:waiting_list": Row(may=GUIDES, holders=GUIDES, arguments=lambda side: {"show": "overdue"}, missing={"show": "ei-ole"}),
    "guidance:own_access": _guided(),
    **{f"guidance:{name}": _guided(FORM) for name in ("own_invite", "own_link", "own_way_back")},
    **{f"guidance:{name}": _guided(POST) for name in ("own_resend", "own_revoke")},
    "guidance:own_link_revoke": _guided(POST, "appointment_link"),
    "guidance:entry_answer": _guided(FORM, "entry"),
    "guidance:absence_change": _handed(name="absence"),
    "guidance:absence_end": _handed(name="absence", may=frozenset({"counsellor"})),
    **{f"guidance:{name}": _guided() for name in ("pathway_detail", "pathway_timeline", "pathway_text", "pathway_plain_text", "pathway_print", "pathway_export", "pathway_export_print", "option_compare", "course_find")},
    "guidance:course_ask": _guided(FORM, "run", "run"),
    "guidance:seat_detail": _guided(FORM, "seat"),
    # Of a course of another organisation on which one has no client, there is no sheet.
    **{f"guidance:{name}": _handed(GET, "run") for name in ("course_sheet", "course_sheet_file")},
    "guidance:course_list": Row(may=GUIDES, holders=GUIDES),
    **{
        f"guidance:{name}": _guided(FORM)
        for name in (
            "client_edit", "client_merge", "client_protect", "pathway_edit", "pathway_move", "pathway_end", "pathway_reopen", "pathway_process_person", "pathway_study_counsellor",
            "pathway_own_part", "pathway_log", "attachment_add", "step_add", "assessment_add", "option_add", "workplace_add", "work_add", "handoff_send",
        )
    },
    # Of a client who is not under non-disclosure both lead back to the pathway.
    **{f"guidance:{name}": _guided(FORM) for name in ("client_unprotect", "client_named_people")},
    "guidance:pathway_grounds": _guided(),
    **{f"guidance:{name}": _guided(FORM) for name in ("basis_change", "consent_add")},
    "guidance:consent_withdraw": _guided(FORM, "told", "organisation"),
    "guidance:consent_withdraw_outside": _guided(FORM, "consent"),
    "guidance:check_in_add": _guided(POST),
    # Whoever wrote it, and nobody else of the organisation.
    "guidance:event_take_back": _guided(FORM, "event", may=frozenset({"counsellor"})),
    "guidance:participation_end": _guided(FORM, "taking_part", "organisation"),
    **{f"guidance:{name}": _guided(FORM, "step") for name in ("step_change", "step_finish")},
    **{f"guidance:{name}": _guided(GET, "step") for name in ("step_text", "step_print")},
    "guidance:step_calendar": _guided(GET, "appointment"),
    **{f"guidance:{name}": _guided(GET, "handoff") for name in ("handoff_text", "handoff_print")},
    "guidance:assessment_change": _guided(FORM, "item"),
    **{f"guidance:{name}": _guided(FORM, "option") for name in ("option_change", "option_move")},
    "guidance:workplace_end": _guided(FORM, "workplace"),
    "guidance:work_end": _guided(FORM, "work"),
    "guidance:attachment_file": _guided(GET, "attachment"),
    # The first who may removes it; for the second it is gone.
    "guidance:attachment_remove": _guided(FORM, "attachment", also=frozenset({MISSING})),
    "guidance:handoff_detail": _handed(GET),
    **{f"guidance:{name}": _handed() for name in ("handoff_withdraw", "handoff_met", "handoff_contact", "handoff_pause", "handoff_again")},
    # The receiver answers; the sender's people see it and are told that the answer is not theirs.
    "guidance:handoff_accept": _handed(name="incoming"),
    "guidance:handoff_decline": _handed(name="incoming"),
    "guidance:handoff_link": _handed(POST),
    "guidance:outside_answer": Row(may=frozenset(), methods=FORM, visitors_sign_in=False, refused=MISSING, arguments=lambda side: {"token": "ei-ole"}),
    **{f"guidance:{name}": _partnered() for name in ("figure_kuvio1", "figure_kuvio2")},
    "guidance:partnership_detail": _partnered(may=ALFA, may_foreign=BETA, holders=SIGNED_IN),
    "guidance:partnership_add": Row(may=LEADS, holders=LEADS, methods=FORM),
    **{f"guidance:{name}": _partnered(FORM, may=frozenset({"lead"}), holders=LEADS) for name in ("partnership_edit", "partnership_lead", "partnership_open", "partnership_part_add", "partnership_stages", "programme_add")},
    "guidance:partnership_part_edit": _partnered(FORM, may=frozenset({"lead"}), also=frozenset({FORBIDDEN, MISSING}), **PART),
    "guidance:partnership_part_remove": _partnered(FORM, may=frozenset({"lead"}), holders=LEADS, **PART),
    **{f"guidance:{name}": _partnered(FORM, may=frozenset({"lead"}), holders=LEADS, **PROGRAMME) for name in ("programme_edit", "programme_end")},
    "guidance:programme_resume": _partnered(POST, may=frozenset({"lead"}), holders=LEADS, **PROGRAMME),
    "guidance:lead_list": _partnered(GET, may=frozenset({"lead"}), holders=LEADS),
    "guidance:lead_check": _partnered(POST, may=frozenset({"lead"}), holders=LEADS),
    "guidance:lead_remind": _partnered(POST, may=frozenset({"lead"}), holders=LEADS, **REMINDED),
}

HANDLERS = frozenset({"coordinator", "handler", "other_coordinator"})
ENROLLERS = HANDLERS | GUIDES


def _handled(methods: frozenset[str] = FORM, name: str = "service", **options) -> Row:
    """A page for those who handle the services of the side; `name` is the row that it is about."""
    own = {"may": frozenset({"coordinator", "handler"}), "may_foreign": frozenset({"other_coordinator"}), "holders": HANDLERS, "refused": MISSING}
    return Row(**own | {"methods": methods, "arguments": _of(name), "missing": {"pk": 999_999}} | options)


# Of the API: what everybody reads; what a key alone reads is in tests/kopa_portal/test_api.py.
API_ROWS: dict[str, Row] = {
    **{f"api_{name}_list": Row(in_languages=False) for name in ("area", "organisation", "unit", "municipality", "model", "obstacle", "service", "figure")},
    **{f"api_{name}": Row(arguments=_of(name, key), missing={key: missing}, in_languages=False) for name, key, missing in (("area", "slug", "ei-ole"), ("organisation", "slug", "ei-ole"), ("unit", "slug", "ei-ole"), ("municipality", "code", "999"), ("model", "pk", 999_999), ("obstacle", "pk", 999_999), ("service", "pk", 999_999))},
    "api_run_list": Row(may=frozenset(), refused=NEEDS_KEY, visitors_sign_in=False, in_languages=False),
    "api_run": Row(may=frozenset(), refused=NEEDS_KEY, visitors_sign_in=False, in_languages=False, arguments=_of("run"), missing=None),
    **{f"hsds_{name}": Row(in_languages=False) for name in ("base", "service_list", "organization_list", "bulk")},
    **{f"hsds_{name}": Row(in_languages=False, arguments=lambda side, kind=kind, of=of: {"key": uuid_of(kind, getattr(side, of).pk)}, missing={"key": uuid_of(kind, 999_999)}) for name, kind, of in (("service", SERVICE, "service"), ("organization", ORGANIZATION, "organisation"))},
    "api_document": Row(in_languages=False),
    "api_nothing": Row(may=frozenset(), refused=MISSING, methods=frozenset({"GET", "POST", "PUT", "DELETE"}), visitors_sign_in=False, in_languages=False),
}


SERVICE_ROWS: dict[str, Row] = {
    **{f"services:{name}": Row() for name in ("service_list", "service_map")},
    "services:service_detail": Row(arguments=_of("service"), missing={"pk": 999_999}),
    "services:service_wrong": Row(may=MEMBERS, holders=MEMBERS, methods=FORM, arguments=_of("service"), missing={"pk": 999_999}),
    **{f"services:{name}": Row(may=MEMBERS, holders=MEMBERS, methods=methods) for name, methods in (("favourite_list", FORM), ("search_list", GET), ("search_add", FORM))},
    "services:search_change": _only("coordinator", holders=SIGNED_IN, methods=POST, arguments=_of("search"), missing={"pk": 999_999}, refused=MISSING),
    # A link that is none; those that work are in tests/services/test_finding.py.
    "services:alert_stop": Row(may=frozenset(), methods=FORM, visitors_sign_in=False, refused=MISSING, arguments=lambda side: {"token": "ei-ole"}),
    "services:offer_photo": _handled(),
    # Offered to all organisations, and to nobody without one.
    "services:service_photo": Row(may=MEMBERS, visitors_sign_in=False, refused=MISSING, arguments=lambda side: {"pk": side.service.pk, "size": "small"}, missing={"pk": 999_999, "size": "small"}, may_foreign=MEMBERS),
    "services:offer_list": Row(may=HANDLERS, holders=HANDLERS),
    **{f"services:{name}": Row(may=HANDLERS, holders=HANDLERS, methods=FORM) for name in ("offer_add", "term_calendar")},
    **{f"services:{name}": _handled() for name in ("offer_what", "offer_where", "offer_terms", "offer_confirm")},
    "services:offer_publish": _handled(name="draft"),
    **{f"services:{name}": _handled(POST) for name in ("offer_copy", "offer_archive")},
    "services:resource_detail": _handled(name="resource"),
    "services:list_hub": Row(may=HANDLERS, holders=HANDLERS),
    "services:import_add": Row(may=HANDLERS, holders=HANDLERS, methods=FORM, arguments=lambda side: {"kind": "bookings"}, missing={"kind": "ei-ole"}),
    "services:list_export": Row(may=HANDLERS, holders=HANDLERS, arguments=lambda side: {"kind": "bookings", "what": "csv"}, missing={"kind": "bookings", "what": "ei-ole"}),
    **{f"services:{name}": _handled(name="list") for name in ("import_review", "import_columns", "import_discard")},
    "services:import_row": _handled(arguments=lambda side: {"pk": side.list.pk, "line": 2}, missing={"pk": 999_999, "line": 2}),
    "services:busy_times": _handled(name="resource"),
    "services:place_edit": _handled(name="place"),
    **{f"services:{name}": Row(may=HANDLERS, holders=HANDLERS) for name in ("booking_list", "organisation_calendar", "organisation_term")},
    **{f"services:{name}": Row(may=HANDLERS, holders=HANDLERS) for name in ("agreement_list", "use_figures", "use_xlsx")},
    "services:agreement_add": Row(may=HANDLERS, holders=HANDLERS, methods=FORM),
    "services:agreement_detail": _handled(GET, "agreement"),
    # The second who removes it finds it gone.
    "services:agreement_remove": _handled(name="draft_agreement", also=frozenset({MISSING})),
    **{f"services:{name}": _handled(name="draft_agreement") for name in ("agreement_edit", "agreement_line_add")},
    "services:agreement_line_edit": _handled(arguments=lambda side: {"pk": side.draft_agreement.pk, "line": side.draft_line.pk}, missing={"pk": 999_999, "line": 999_999}),
    "services:agreement_decide": _handled(name="sent_agreement"),
    "services:agreement_move": _handled(arguments=lambda side: {"pk": side.sent_agreement.pk, "target": "declined"}, missing={"pk": 999_999, "target": "declined"}),
    "services:agreement_renew": _handled(POST, "agreement"),
    "services:settlement_add": _handled(name="agreement"),
    **{f"services:{name}": _handled(GET, "settlement") for name in ("settlement_detail", "settlement_xlsx")},
    **{f"services:{name}": _handled(name="settlement") for name in ("settlement_accept", "settlement_discard")},
    "services:settlement_compute": _handled(POST, "settlement"),
    "services:settlement_correct": _handled(name="locked"),
    "services:feed_list": Row(may=HANDLERS, holders=HANDLERS, methods=FORM),
    # Offered to all of the network: everybody who handles services books it, everybody with an organisation sees when it is free.
    **{f"services:{name}": _handled(may=HANDLERS, may_foreign=HANDLERS, refused=FORBIDDEN) for name in ("booking_add", "series_add")},
    "services:service_calendar": Row(may=MEMBERS, visitors_sign_in=False, refused=MISSING, arguments=_of("service"), missing={"pk": 999_999}),
    "services:booking_detail": _handled(GET, "booking"),
    "services:booking_answer": _handled(arguments=lambda side: {"pk": side.booking.pk, "target": "confirmed"}, missing={"pk": 999_999, "target": "confirmed"}),
    "services:booking_move": _handled(name="borrowed"),
    "services:series_detail": _handled(GET, "series"),
    "services:series_answer": _handled(arguments=lambda side: {"pk": side.series.pk, "target": "confirmed"}, missing={"pk": 999_999, "target": "confirmed"}),
    "services:series_take": _handled(POST, arguments=lambda side: {"pk": side.not_fitting.series_id, "rejected": side.not_fitting.pk}, missing={"pk": 999_999, "rejected": 999_999}),
    "services:need_list": Row(may=HANDLERS, holders=HANDLERS),
    "services:need_add": Row(may=HANDLERS, holders=HANDLERS, methods=FORM),
    # Shown to all of the network.
    "services:need_detail": _handled(name="need", may=HANDLERS, may_foreign=HANDLERS, refused=FORBIDDEN),
    "services:need_edit": _handled(name="need"),
    "services:need_end": _handled(POST, arguments=lambda side: {"pk": side.need.pk, "state": "met"}, missing={"pk": 999_999, "state": "met"}),
    "services:need_substitute": _handled(name="lent_person"),
    "services:round_list": Row(may=HANDLERS, holders=HANDLERS),
    "services:round_add": Row(may=HANDLERS, holders=HANDLERS, methods=FORM),
    # Of a service that is offered to all of the network; only who opened the round sees more than its own wishes.
    "services:round_detail": _handled(GET, "round", may=HANDLERS, may_foreign=HANDLERS, refused=FORBIDDEN),
    "services:wish_add": _handled(name="round", may=HANDLERS, may_foreign=HANDLERS, refused=FORBIDDEN),
    "services:round_edit": _handled(name="round"),
    "services:round_wishes": _handled(GET, "round"),
    "services:round_move": _handled(arguments=lambda side: {"pk": side.round.pk, "target": "closed"}, missing={"pk": 999_999, "target": "closed"}),
    **{f"services:{name}": _handled(name="wish") for name in ("wish_edit", "wish_adjust")},
    "services:wish_raise": _handled(POST, "wish"),
    # The first who may takes it away; for the second it is gone.
    "services:wish_remove": _handled(POST, "wish", also=frozenset({MISSING})),
    # The first who may revokes it; for the second it is gone.
    "services:feed_revoke": _handled(name="feed", also=frozenset({MISSING})),
    # An address that is none; those that work are in tests/services/test_feeds.py.
    "services:feed": Row(may=frozenset(), visitors_sign_in=False, refused=MISSING, arguments=lambda side: {"token": "ei-ole"}),
    # Offered to all organisations, and to nobody without one.
    "services:run_detail": _only(*(MEMBERS), holders=SIGNED_IN, arguments=_of("run"), missing={"pk": 999_999}, refused=MISSING),
    "services:run_enrol": _only(*ENROLLERS, holders=ENROLLERS, methods=FORM, arguments=_of("run"), missing={"pk": 999_999}, may_foreign=ENROLLERS),
    "services:run_add": _handled(name="course"),
    **{f"services:{name}": _handled(name="run") for name in ("run_call_off", "run_edit", "run_quotas")},
    "services:run_enrolments": _handled(GET, "run"),
    "services:enrolment_list": _only(*ENROLLERS, holders=ENROLLERS),
    "services:enrolment_detail": _handled(name="enrolment", holders=SIGNED_IN),
}

COORDINATORS = frozenset({"coordinator", "other_coordinator"})
STAFF = frozenset({"kuntaliitto"})
PROVISION = {"arguments": _of("provision", also="area"), "missing": {"slug": "alfa", "pk": 999_999}, "holders": frozenset({"coordinator"})}
SKILL_NEED = {"arguments": _of("skill_need", also="area"), "missing": {"slug": "alfa", "pk": 999_999}, "holders": frozenset({"coordinator"})}


def _obstacle(methods: frozenset[str] = FORM, *people: str, name: str = "obstacle", **options) -> Row:
    """A public obstacle of the side: whether it exists is told to everybody who is signed in."""
    return Row(**{"may": frozenset(people), "holders": SIGNED_IN, "methods": methods, "arguments": _of(name), "missing": {"pk": 999_999}} | options)


OBSTACLE_ROWS: dict[str, Row] = {
    **{f"pilots:{name}": Row() for name in ("obstacle_list", "proposal_list", "proposal_print", "lawful_list")},
    **{f"pilots:{name}": Row(arguments=_of("obstacle"), missing={"pk": 999_999}) for name in ("obstacle_detail", "obstacle_history")},
    "pilots:proposal_detail": Row(arguments=_of("proposal"), missing={"pk": 999_999}),
    "pilots:obstacle_add": Row(may=COORDINATORS, holders=COORDINATORS, methods=FORM),
    "pilots:obstacle_edit": _obstacle(FORM, "coordinator"),
    # The first who may publishes it; from then on it is there for all.
    "pilots:obstacle_publish": _obstacle(POST, "coordinator", name="draft_obstacle", refused=MISSING, also=frozenset({FORBIDDEN})),
    # The other area's, whose own obstacle it is not.
    "pilots:obstacle_weight": _obstacle(FORM, "other_coordinator"),
    "pilots:obstacle_weight_back": _obstacle(POST, "other_coordinator"),
    "pilots:obstacle_move": _obstacle(FORM, *STAFF),
    "pilots:obstacle_merge": _obstacle(GET, *STAFF),
    "pilots:obstacle_merge_confirm": _obstacle(
        FORM, *STAFF, also=frozenset({MISSING}), arguments=lambda side: {"pk": side.twin.pk, "into": side.obstacle.pk}, missing={"pk": 999_999, "into": 999_999}
    ),
    "pilots:proposal_add": _obstacle(FORM, *COORDINATORS, *STAFF),
    "pilots:proposal_edit": _obstacle(FORM, "coordinator", *STAFF, name="proposal"),
    "pilots:proposal_move": _obstacle(FORM, *STAFF, name="proposal"),
    "pilots:lawful_models": Row(may=COORDINATORS | STAFF, holders=COORDINATORS | STAFF, methods=FORM, arguments=lambda side: {"slug": "made"}, missing={"slug": "ei-ole"}, may_foreign=COORDINATORS | STAFF),
    **{f"pilots:{name}": Row() for name in ("publication_list", "publication_feed")},
    "pilots:publication_detail": Row(arguments=_of("publication"), missing={"pk": 999_999}),
    "pilots:publication_add": Row(may=STAFF, holders=STAFF, methods=FORM),
    **{
        f"pilots:{name}": Row(may=STAFF, holders=STAFF, methods=methods, arguments=_of("publication"), missing={"pk": 999_999})
        for name, methods in (("publication_edit", FORM), ("publication_archive", POST))
    },
    "pilots:learner_find": Row(),
    "pilots:provision_add": _only("coordinator", methods=FORM, **AREA),
    **{f"pilots:{name}": _only("coordinator", methods=FORM, **PROVISION) for name in ("provision_edit", "provision_end")},
    "pilots:provision_history": _only("coordinator", methods=GET, **PROVISION),
    "pilots:skill_need_add": _only("coordinator", methods=FORM, **AREA),
    **{f"pilots:{name}": _only("coordinator", methods=FORM, **SKILL_NEED) for name in ("skill_need_edit", "skill_need_end")},
}

ROWS: dict[str, Row] = {
    **GUIDANCE_ROWS,
    **OWN_ROWS,
    **API_ROWS,
    **PATHWAY_ROWS,
    **SERVICE_ROWS,
    **OBSTACLE_ROWS,
    **{name: Row(in_languages=False) for name in ("health", "ready", "security_txt")},
    "metrics": Row(may=frozenset(), refused=MISSING, holders=EVERYBODY, visitors_sign_in=False, in_languages=False),
    "set_language": Row(arguments=lambda side: {"code": "sv"}, in_languages=False),
    "home": Row(),
    "about": Row(),
    "accessibility": Row(),
    "privacy": Row(),
    "processing": Row(),
    "developers": Row(),
    "feedback": Row(methods=FORM),
    "gallery": Row(),
    "account": _only(*SIGNED_IN, methods=FORM),
    "account_end_sessions": _only(*SIGNED_IN, methods=POST),
    "notification_list": _only(*SIGNED_IN),
    "notification_choices": _only(*SIGNED_IN, methods=FORM),
    "notification_read_all": _only(*SIGNED_IN, methods=POST),
    "notification_open": _only("coordinator", methods=POST, arguments=_of("notification"), missing={"pk": 999_999}, refused=MISSING),
    "address_check": _only("coordinator", methods=POST, arguments=_of("bounced"), missing={"pk": 999_999}, refused=MISSING),
    "address_confirm": _only(*SIGNED_IN, methods=FORM, arguments=lambda side: {"token": "ei-ole"}),
    "account_login": Row(methods=FORM, library=True),
    # No provider is configured here: tests/accounts/test_identity_providers.py goes through a real one.
    **{name: Row(may=frozenset(), methods=methods, refused=MISSING, arguments=lambda side: {"provider_id": "ei-ole"}, visitors_sign_in=False, library=True) for name, methods in (("openid_connect_login", POST), ("openid_connect_callback", GET))},
    "account_identity_link": Row(may=frozenset(), methods=POST, refused=MISSING, arguments=lambda side: {"provider_id": "ei-ole"}, library=True, also=frozenset({OK})),
    "account_identity_unlink": Row(may=frozenset(), methods=POST, refused=MISSING, arguments=lambda side: {"pk": 999_999}, library=True, also=frozenset({OK})),
    "account_logout": Row(methods=FORM, library=True),
    "account_signup": Row(methods=FORM, library=True),
    "account_inactive": Row(library=True),
    "account_reauthenticate": _only(*SIGNED_IN, methods=FORM, library=True),
    "account_email": _only(*SIGNED_IN, methods=FORM, library=True),
    "account_email_verification_sent": Row(library=True),
    "account_confirm_email": Row(methods=FORM, arguments=lambda side: {"key": "ei-ole"}, library=True, also=frozenset({MISSING})),
    "account_change_password": _only(*SIGNED_IN, methods=FORM, library=True),
    "account_set_password": _only(*SIGNED_IN, methods=FORM, library=True),
    "account_reset_password": Row(methods=FORM, library=True),
    "account_reset_password_done": Row(library=True),
    "account_reset_password_from_key": Row(methods=FORM, arguments=lambda side: {"uidb36": "1", "key": "ei-ole"}, library=True, also=frozenset({MISSING})),
    "account_reset_password_from_key_done": Row(library=True),
    **{name: _only(*SIGNED_IN, library=True) for name in ("mfa_index", "mfa_list_webauthn")},
    # Before a person has set up a second factor there is nothing to see or take off.
    **{name: _only(*SIGNED_IN, library=True, also=frozenset({MISSING})) for name in ("mfa_view_recovery_codes", "mfa_download_recovery_codes")},
    "mfa_deactivate_totp": _only(*SIGNED_IN, methods=FORM, library=True, also=frozenset({MISSING})),
    **{
        name: _only(*SIGNED_IN, methods=FORM, library=True)
        for name in ("mfa_reauthenticate", "mfa_activate_totp", "mfa_generate_recovery_codes", "mfa_add_webauthn", "mfa_reauthenticate_webauthn")
    },
    "mfa_authenticate": Row(methods=FORM, library=True, also=frozenset({SIGN_IN})),
    "mfa_login_webauthn": Row(methods=FORM, library=True, also=frozenset({SIGN_IN})),
    **{name: Row(may=frozenset(), methods=FORM, refused=MISSING, arguments=lambda side: {"pk": 999_999}, library=True, also=frozenset({OK})) for name in ("mfa_remove_webauthn", "mfa_edit_webauthn")},
    "pilots:area_list": Row(),
    "pilots:area_detail": Row(**AREA),
    "pilots:area_history": Row(**AREA),
    "pilots:municipality_list": Row(),
    "pilots:area_environment": Row(**AREA),
    "pilots:figure_file_list": _only("kuntaliitto", "portal_administrator", methods=FORM),
    "pilots:figure_file": _only("kuntaliitto", "portal_administrator", methods=FORM, holders=frozenset({"kuntaliitto", "portal_administrator"}), arguments=_of("figure_file"), missing={"pk": 999_999}, may_foreign=frozenset({"kuntaliitto", "portal_administrator"})),
    "pilots:municipality_compare": Row(),
    "pilots:municipality_environment": Row(arguments=_of("municipality", "code"), missing={"code": "999"}),
    "pilots:municipality_detail": Row(arguments=_of("municipality", "code"), missing={"code": "999"}),
    "pilots:organisation_list": Row(),
    "pilots:organisation_detail": Row(**ORGANISATION),
    "pilots:unit_detail": Row(arguments=_of("unit", "slug"), missing={"slug": "ei-ole"}),
    "pilots:contact_list": Row(),
    "summaries:search": Row(),
    "summaries:skill_answers": Row(),
    "summaries:board_pages": Row(arguments=_of("municipality", "code"), missing={"code": "999"}),
    "summaries:board_pages_file": Row(arguments=lambda side: {"code": side.municipality.code, "what": "docx"}, missing={"code": "999", "what": "docx"}),
    "summaries:network_summary": Row(),
    "summaries:network_file": Row(arguments=lambda side: {"what": "csv"}),
    "summaries:figure_definitions": Row(),
    **{f"summaries:{name}": _only("kuntaliitto") for name in ("use_list", "use_flow")},
    "summaries:pathways_public": Row(),
    "summaries:pathways_public_file": Row(arguments=lambda side: {"what": "csv"}),
    "summaries:pathways_side_by_side": _only("kuntaliitto"),
    "summaries:pathways_side_by_side_file": _only("kuntaliitto", arguments=lambda side: {"what": "csv"}),
    "summaries:area_summary": Row(**AREA),
    "summaries:area_summary_file": Row(arguments=lambda side: {"slug": side.area.slug, "what": "csv"}, missing={"slug": "ei-ole", "what": "csv"}),
    "summaries:municipality_summary": Row(arguments=_of("municipality", "code"), missing={"code": "999"}),
    "summaries:municipality_summary_file": Row(arguments=lambda side: {"code": side.municipality.code, "what": "csv"}, missing={"code": "999", "what": "csv"}),
    "summaries:change_feed": Row(),
    "summaries:area_change_feed": Row(**AREA),
    "summaries:area_report": Row(**AREA),
    "summaries:area_report_file": Row(arguments=lambda side: {"slug": side.area.slug, "what": "docx"}, missing={"slug": "ei-ole", "what": "docx"}),
    "pilots:totals": Row(),
    "pilots:area_edit": _only("coordinator", methods=FORM, **AREA),
    "pilots:contact_add": _only("coordinator", methods=FORM, **AREA),
    "pilots:contact_edit": _only("coordinator", methods=FORM, **CONTACT),
    "pilots:contact_confirm": _only("coordinator", methods=POST, **CONTACT),
    "pilots:contact_end": _only("coordinator", methods=FORM, **CONTACT),
    "pilots:member_add": _only("coordinator", methods=FORM, **AREA),
    "pilots:member_end": _only("coordinator", methods=FORM, **MEMBER),
    "pilots:model_list": Row(),
    "pilots:model_own": _only(*MODEL_KEEPERS),
    "pilots:model_add": _only(*COORDINATORS, methods=FORM),
    "pilots:model_detail": Row(**MODEL),
    "pilots:model_edit": _only("coordinator", methods=FORM, **MODEL),
    "pilots:model_history": Row(**MODEL),
    "pilots:model_differences": Row(arguments=_of("copied_model"), missing={"pk": 999_999}),
    "pilots:model_copy": _only(*COORDINATORS, may_foreign=COORDINATORS, methods=FORM, **MODEL),
    "pilots:model_confirm": _only("coordinator", methods=POST, **MODEL),
    "pilots:model_move": _only("coordinator", methods=POST, arguments=lambda side: {"pk": side.model.pk, "state": "archived"}, missing={"pk": 999_999, "state": "archived"}),
    "pilots:model_file_add": _only("coordinator", methods=FORM, **MODEL),
    "pilots:model_file": Row(**MODEL_FILE),
    "pilots:model_file_remove": _only("coordinator", methods=FORM, **MODEL_FILE),
    "pilots:goal_table": Row(),
    "pilots:goal_detail": Row(arguments=lambda side: {"number": 1}, missing={"number": 99}),
    "pilots:fault_report": Row(methods=FORM, **_about()),
    "pilots:comment_add": _only(*(MEMBERS), may_foreign=MEMBERS, methods=POST, **_about()),
    "pilots:comment_hide": _only("coordinator", "kuntaliitto", methods=FORM, arguments=_of("comment"), missing={"pk": 999_999}),
    "pilots:fault_list": _only(*MODEL_KEEPERS),
    "pilots:fault_handle": _only("coordinator", "kuntaliitto", holders=MODEL_KEEPERS, methods=POST, arguments=_of("fault"), missing={"pk": 999_999}),
    "pilots:people_list": _only(*ADMINISTRATORS, holders=ADMINISTRATORS),
    "pilots:people_of": _only(*MANAGERS, **MANAGED),
    "pilots:people_log": _only(*MANAGERS, **MANAGED),
    "pilots:invitation_create": _only(*MANAGERS, methods=FORM, **MANAGED),
    "pilots:invitation_resend": _only(*MANAGERS, methods=POST, **_managed("invitation")),
    "pilots:invitation_withdraw": _only(*MANAGERS, methods=FORM, **_managed("invitation")),
    "pilots:join_decide": _only(*MANAGERS, methods=FORM, **_managed("join_request")),
    "pilots:membership_end": _only(*MANAGERS, methods=FORM, **_managed("membership")),
    "pilots:token_list": _only(*ADMINISTRATORS, methods=FORM),
    "pilots:token_revoke": _only("administrator", methods=FORM, holders=ADMINISTRATORS, refused=MISSING, arguments=_of("token"), missing={"pk": 999_999}),
    "pilots:acting_choose": _only(*SIGNED_IN, methods=FORM),
    "pilots:join_ask": _only(*SIGNED_IN, methods=FORM),
    "pilots:join_withdraw": _only("newcomer", methods=FORM, refused=MISSING, arguments=_of("join_request"), missing={"pk": 999_999}),
    "pilots:membership_leave": _only(methods=FORM, refused=MISSING, arguments=_of("membership"), missing={"pk": 999_999}),
    # A link that is none; the ones that work are in tests/pilots/test_invitations.py.
    "pilots:invitation_accept": Row(may=frozenset(), methods=FORM, visitors_sign_in=False, refused=MISSING, arguments=lambda side: {"token": "ei-ole"}),
}
