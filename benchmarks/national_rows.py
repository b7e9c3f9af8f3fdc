"""Lines for COPY: one invented client at a time, whole, so that check_pathways finds nothing."""
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from guidance.choices import ASSESSMENT_CODES, AssessmentKind, CheckIn, EventKind, HandoffState, LadderStep, OptionKind, OptionState, Stage
from guidance.models import AssessmentItem, Client, Consent, EducationOption, Event, Handoff, NextStep, Participation, Pathway, StagePeriod
from guidance.models.client import fold_name
from guidance.models.pathway import ALPHABET
from pilots.sorting import sort_key

NULL = r"\N"
HISTORY = 3 * 365  # days
FAMILY = [a + b for a in ("Hattara", "Kupla", "Sumu", "Nuoska", "Hämärä", "Kuura", "Tyrsky", "Utu", "Kaiku", "Roiske", "Bubbel", "Glimmer", "Välke", "Häive") for b in ("kainen", "pelto", "ranta", "lehto", "kvist", "ström", "åker", "vaara", "selkä", "vuo")]
GIVEN = ["Aino", "Eino", "Helmi", "Onni", "Väinö", "Åsa", "Björn", "Märta", "Amira", "Yusuf", "Olena", "Minh", "Kalle", "Jenni", "Päivi", "Tuomo", "Niko", "Essi", "Ylva", "Samir"]
# One in the whole country, for the search that finds almost nothing.
RARE = ("Harvinaissukuinen", "Ainokainen")
STAGES = [Stage.REGISTERED, Stage.IDENTIFICATION, Stage.REFERRAL, Stage.MAPPING, Stage.PLANNING, Stage.STARTING, Stage.STUDYING, Stage.GRADUATED, Stage.JOB_SEARCH_SUPPORT]
HAND_WRITTEN = [EventKind.CALL, EventKind.CALL, EventKind.VISIT, EventKind.MESSAGE, EventKind.NO_ANSWER, EventKind.NOTE, EventKind.CHECK_IN, EventKind.STEP]
TEXTS = ["", "", "Sovittiin seuraava tapaaminen.", "Käytiin läpi vaihtoehtoja.", "Tilanne ennallaan."]

COLUMNS: dict[type, str] = {
    Client: "id family_name given_names birth_date phone email address contact_address service_language interpreter_language finnish_level swedish_level municipality_code is_protected minor_actor sort_key search_name created_at municipality_id",
    Pathway: "id pseudonym stage target_group seeks_competence education_background goal opened_at closed_at end_reason outcome last_event_at next_due_on version client_id partnership_id process_owner_id process_person_id guidance_lead_id closed_by_id",
    StagePeriod: "id stage started_at reason by_id pathway_id",
    Participation: "id starts_at ends_at processing_basis processing_statute disclosure_basis disclosure_statute consented_on sort_key search_name birth_date organisation_id pathway_id responsible_id",
    Consent: "id outside scope sections text_version language given_on recorded_at ended_at end token ended_by_id organisation_id pathway_id recorded_by_id",
    AssessmentItem: "id kind code state noted_at noted_by_id organisation_id pathway_id",
    EducationOption: "id kind title code_uri code_version provider_outside state decides how_to_apply benefit_effect language_level applied_to benefit_decision hoks_teacher added_at changed_at added_by_id pathway_id provider_id",
    Handoff: "id kind state to_outside to_outside_email basis basis_statute consented_on reason sections due_on sent_at answered_at answered_outside decline_reason first_contact_at first_contact_way met_at ladder_step ladder_moved_at pause_reason snapshot_sent snapshot_answered token from_organisation_id from_person_id to_organisation_id pathway_id answered_by_id",
    NextStep: "id kind what due_on way place interpreter created_at done_at token created_by_id done_by_id pathway_id responsible_id",
    Event: "id kind at text check_in visibility detail token by_id handoff_id organisation_id pathway_id",
}


@dataclass(frozen=True)
class Body:
    """An organisation of a partnership and its counsellors, by key."""

    organisation: int
    people: list[int]


@dataclass(frozen=True)
class Partners:
    partnership: int
    employment: Body
    college: Body
    other: Body
    # Key and code of the municipalities whose people it guides.
    municipalities: list[tuple[int, str]]
    # Takes part in every pathway of the country but the first of each partnership, which is the page that is measured.
    everywhere: Body | None = None


class Writer:
    """Makes the lines of one client after another; all draws come from one seed."""

    def __init__(self, partners: list[Partners], *, seed: int, today: date) -> None:
        self.partners, self.rng = partners, random.Random(seed)
        self.first = today - timedelta(days=HISTORY)
        self.days = [(self.first + timedelta(days=number)).isoformat() for number in range(HISTORY + 60)]
        self.minutes = [f"{6 + minute // 60:02}:{minute % 60:02}:00+00" for minute in range(480)]
        self.keys = dict.fromkeys(COLUMNS, 0)
        self.names: dict[str, tuple[str, str]] = {}
        self.lines: dict[type, list[str]] = {model: [] for model in COLUMNS}
        self.turn = 0

    def take(self) -> dict[type, str]:
        """The lines since the last time, as one text for each table."""
        taken = {model: "".join(lines) for model, lines in self.lines.items()}
        self.lines = {model: [] for model in COLUMNS}
        return taken

    def add(self, model: type, *values) -> int:
        self.keys[model] = key = self.keys[model] + 1
        self.lines[model].append(f"{key}\t" + "\t".join(map(str, values)) + "\n")
        return key

    def token(self) -> str:
        return f"{self.rng.getrandbits(128):032x}"

    def draw(self, choices: list):
        return choices[int(self.rng.random() * len(choices))]

    def moment(self, day: int, minute: int) -> str:
        return f"{self.days[day]} {self.minutes[minute]}"

    def person(self, events: int) -> None:
        """One client with one pathway and so many events."""
        number, self.turn = self.turn, self.turn + 1
        partners = self.partners[number % len(self.partners)]
        # The first of each partnership is the page that is measured: three organisations and thirty events.
        shown = number < len(self.partners)
        chance = self.rng.random
        closed = not shown and chance() < 0.2
        college = shown or chance() < 0.5
        opened = int(chance() * (HISTORY - 120))
        last = min(HISTORY - 1, opened + 100 + int(chance() * 500)) if closed else HISTORY - 1 - int(chance() * (33 if chance() < 0.85 else 90))
        owner = partners.employment.people[number // len(self.partners) % len(partners.employment.people)]
        lead = partners.college.people[number // len(self.partners) % len(partners.college.people)] if college else None
        times = sorted(self.rng.choices(range(opened * 480 + 1, last * 480 + 480), k=max(30 if shown else 3, events) - 1))
        moments = [self.moment(opened, 0), *(self.moment(*divmod(one, 480)) for one in times)]
        begun, ended = moments[0], moments[-1]
        client, name = self._client(number, partners, begun)
        stages = STAGES[: 1 + int(chance() * (len(STAGES) if college else 2))]
        stages = stages[: len(moments)]
        due = HISTORY + int(chance() * 35) if chance() < 0.9 else HISTORY - 1 - int(chance() * 12)
        pathway = self.add(
            Pathway, self._pseudonym(number), stages[-1], self.draw(["no_qualification", "changing_occupation", "updating_competence"]) if college else "", "t" if college else "f",
            self.draw(["basic", "vocational", "general", "higher"]), "", begun, ended if closed else NULL, "goal_reached" if closed else "", "employed" if closed else "", ended,
            NULL if closed else self.days[due], 1, client, partners.partnership, partners.employment.organisation, owner, lead or NULL, owner if closed else NULL,
        )
        for place, stage in enumerate(stages):
            self.add(StagePeriod, stage, moments[place] if place == 0 else moments[place].replace(":00+00", f":{place:02}+00"), "", owner, pathway)
        bodies = [(partners.employment.organisation, owner)]
        self.add(Participation, begun, ended if closed else NULL, "statutory_task", "", "own", "", NULL, *name, partners.employment.organisation, pathway, owner)
        if college:
            bodies.append((partners.college.organisation, lead))
            self.add(Participation, moments[1], ended if closed else NULL, "statutory_task", "", "consent", "", begun[:10], *name, partners.college.organisation, pathway, lead)
            self._consent(pathway, partners.college.organisation, owner, begun, ended if closed else NULL)
        if shown or chance() < 0.06:
            helper = self.draw(partners.other.people)
            bodies.append((partners.other.organisation, helper))
            self.add(Participation, moments[1], ended if closed else NULL, "consent", "", "consent", "", begun[:10], *name, partners.other.organisation, pathway, helper)
            self._consent(pathway, partners.other.organisation, owner, begun, ended if closed else NULL)
        if partners.everywhere and not shown:
            people = partners.everywhere
            self.add(Participation, moments[1], ended if closed else NULL, "statutory_task", "", "statute", "keksitty laki 1 §", NULL, *name, people.organisation, pathway, people.people[number % len(people.people)])
        kind = self.draw([AssessmentKind.NEED, AssessmentKind.OBSTACLE, AssessmentKind.COMPETENCE])
        self.add(AssessmentItem, kind, self.draw(ASSESSMENT_CODES[kind]), "open", moments[1], owner, partners.employment.organisation, pathway)
        if college:
            self.add(
                EducationOption, self.draw(list(OptionKind)), "Keksitty koulutus", "", "", "", self.draw([OptionState.CONSIDERED, OptionState.CHOSEN, OptionState.APPLIED]), "", "", "", "", "", "not_asked", "",
                moments[1], moments[1], owner, pathway, partners.college.organisation,
            )
        handoff = self._handoff(partners, pathway, owner, lead, moments[1], closed) if college and chance() < 0.5 else NULL
        self._steps(pathway, bodies[-1][1] if chance() < 0.3 else owner, moments, closed, due)
        self._events(pathway, moments, bodies, handoff, closed)

    def _consent(self, pathway: int, organisation: int, by: int, begun: str, ended: str) -> None:
        ends = ("pathway_ended", by) if ended != NULL else ("", NULL)
        self.add(Consent, "", "pathway", "[]", 1, "fi", begun[:10], begun, ended, ends[0], self.token(), ends[1], organisation, pathway, by)

    def _client(self, number: int, partners: Partners, begun: str) -> tuple[int, tuple[str, str, str]]:
        """Its key, and what its participations repeat."""
        family, given = RARE if number == 7 else (self.draw(FAMILY), self.draw(GIVEN))
        name = f"{family} {given}"
        if name not in self.names:
            self.names[name] = sort_key(name), fold_name(name)
        born = date(1960, 1, 1) + timedelta(days=int(self.rng.random() * 16_000))
        municipality, code = self.draw(partners.municipalities)
        key = self.add(
            Client, family, given, born.isoformat(), f"000 {number:07}", f"client{number}@example.invalid", "", "", "fi", "", "native", "", code, "f", "", *self.names[name], begun, municipality
        )
        return key, (*self.names[name], born.isoformat())

    def _pseudonym(self, number: int) -> str:
        """Scattered over the whole range, and no two alike: a step that shares no factor with the range."""
        value, text = (number * 1_000_003_177 + 12_345_678_901) % 31**8, ""
        for _turn in range(8):
            value, place = divmod(value, 31)
            text += ALPHABET[place]
        return f"{text[:4]}-{text[4:]}"

    def _handoff(self, partners: Partners, pathway: int, owner: int, lead: int, sent: str, closed: bool) -> int:
        state, answered, contact, met, step = HandoffState.MET, sent, sent, sent, LadderStep.SENT
        if not closed and self.rng.random() < 0.03:
            # Silent for some days, and as far up the ladder as that.
            ago = int(self.rng.random() * 25)
            sent = self.moment(HISTORY - 1 - ago, 200)
            state, answered, contact, met = HandoffState.SENT, NULL, NULL, NULL
            step = next((step for step, days in ((LadderStep.LEAD, 13), (LadderStep.COLLEAGUES, 6), (LadderStep.REMINDED, 2)) if ago >= days), LadderStep.SENT)
        to_answer = (datetime.combine(date.fromisoformat(sent[:10]), time.min, UTC) + timedelta(days=10)).date().isoformat()
        return self.add(
            Handoff, "referral", state, "", "", "consent", "", sent[:10], "Koulutusvaihtoehtojen kartoitus.", '["goal"]', to_answer, sent, answered, "f", "", contact, "visit" if met != NULL else "", met,
            int(step), sent, "", "{}", "{}", self.token(), partners.employment.organisation, owner, partners.college.organisation, pathway, lead if answered != NULL else NULL,
        )

    def _steps(self, pathway: int, responsible: int, moments: list[str], closed: bool, due: int) -> None:
        self.add(NextStep, "step", "Soitto", moments[1][:10], "", "", "f", moments[0], moments[1], self.token(), responsible, responsible, pathway, responsible)
        if not closed:
            self.add(NextStep, "step", "Sovitaan jatkosta", self.days[due], "", "", "f", moments[-1], NULL, self.token(), responsible, NULL, pathway, responsible)

    def _events(self, pathway: int, moments: list[str], bodies: list[tuple[int, int]], handoff, closed: bool) -> None:
        for place, at in enumerate(moments):
            organisation, by = bodies[place % len(bodies)]
            kind = EventKind.OPENED if place == 0 else EventKind.CLOSED if closed and place == len(moments) - 1 else self.draw(HAND_WRITTEN)
            check_in = CheckIn.WELL if kind == EventKind.CHECK_IN else ""
            linked = handoff if place == 1 else NULL
            self.add(Event, "handoff" if linked != NULL else kind, at, self.draw(TEXTS), "" if linked != NULL else check_in, "participants", "{}", self.token(), by, linked, organisation, pathway)
