"""What My path shows of a client's pathways: two queries whatever there is of them, and one for telephone numbers."""
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache

from django.db.models import BigIntegerField, Count, F, OuterRef, Subquery
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from guidance.choices import OPTION_OVER, ContactWay, OptionKind, OptionState, Part, Stage, StepKind, Visibility
from guidance.figures.path import PathFigure, PathRow, path_figure
from guidance.models import Attachment, ClientAccount, ClientEntry, EducationOption, Event, NextStep, Participation, PartnershipPart, Pathway, StagePeriod
from guidance.queries.own_contacts import Phone, phones_of
from guidance.queries.rows import JSONRows, day_of, moment_of, name_in_language, to_day, to_moment
from pilots.queries.prepared import Given, Prepared

MOST = 50
FILES_SHOWN = 20

# What happens at each stage, said to the client.
STAGE_WORDS = {
    Stage.REGISTERED: gettext_lazy("You are registered as a job seeker. Soon we talk about what you need."),
    Stage.IDENTIFICATION: gettext_lazy("We find out together what you need."),
    Stage.REFERRAL: gettext_lazy("We look for the right counsellor for you. The counsellor contacts you."),
    Stage.MAPPING: gettext_lazy("You and your counsellor look for education that suits you."),
    Stage.PLANNING: gettext_lazy("You plan your studies with your counsellor."),
    Stage.SUPPORT_BEFORE: gettext_lazy("You get support before your studies begin."),
    Stage.STARTING: gettext_lazy("Your studies are about to begin."),
    Stage.STUDYING: gettext_lazy("You study, and you get support for it."),
    Stage.WORKPLACE_LEARNING: gettext_lazy("You learn at a workplace."),
    Stage.GRADUATED: gettext_lazy("You have completed your qualification."),
    Stage.JOB_SEARCH_SUPPORT: gettext_lazy("You get help in looking for work."),
    Stage.INTERRUPTED: gettext_lazy("Your path is interrupted for now. You can come back."),
}
HELPS = {
    "process": gettext_lazy("answers for your matter as a whole"),
    "lead": gettext_lazy("guides you"),
    "study": gettext_lazy("is your study counsellor"),
    Part.EMPLOYMENT: gettext_lazy("helps with work and benefits"),
    Part.COLLEGE: gettext_lazy("helps with studies"),
    Part.TE: gettext_lazy("helps with work and benefits"),
    Part.OTHER: gettext_lazy("helps you, too"),
}


@dataclass(frozen=True)
class OwnStep:
    """What happens next; `is_mine`: the client does it."""

    pk: int
    what: str
    due_on: date
    starts_at: datetime | None
    minutes: int | None
    way: str
    place: str
    interpreter: bool
    who: str
    organisation: str
    is_mine: bool
    is_late: bool


@dataclass(frozen=True)
class OwnOption:
    title: str
    kind: str
    state: str
    state_label: str
    provider: str
    decides: str
    how_to_apply: str
    starts_on: date | None
    next_start_on: date | None


@dataclass(frozen=True)
class OwnFile:
    pk: int
    name: str
    size: int
    added_at: datetime


@dataclass
class Helper:
    """One person, with everything that they help with."""

    name: str
    organisation: str
    email: str
    phones: list[Phone]
    helps: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class OwnPath:
    pathway: Pathway
    steps: list[OwnStep]
    options: list[OwnOption]
    files: list[OwnFile]
    helpers: list[Helper]
    figure: PathFigure
    stage_since: datetime | None
    hidden_count: int
    unanswered_count: int

    @property
    def is_ended(self) -> bool:
        return self.pathway.closed_at is not None

    @property
    def stage_label(self) -> str:
        return str(Stage(self.pathway.stage).label)

    @property
    def stage_words(self) -> str:
        return str(STAGE_WORDS[Stage(self.pathway.stage)])

    @property
    def next(self) -> OwnStep | None:
        return next(iter(self.steps), None)

    @property
    def later(self) -> list[OwnStep]:
        return self.steps[1:]


def own_paths(account: ClientAccount, pathways: list[Pathway], now: datetime) -> list[OwnPath]:
    """In the order of `pathways`, which are those of the account's client."""
    found = {pathway.pk: pathway for pathway in _query(get_language()).ask(client=account.client_id)}
    phones = phones_of({row["organisation_id"] for pathway in found.values() for row in _people(pathway)})
    return [_path(found[pathway.pk], phones, timezone.localdate(now)) for pathway in pathways if pathway.pk in found]


@cache
def _query(language: str) -> Prepared:
    own = OuterRef("pk")
    part = PartnershipPart.objects.filter(partnership=OuterRef("pathway__partnership"), organisation=OuterRef("organisation")).values("part")[:1]
    hidden = Event.objects.filter(pathway=own).counted().exclude(visibility=Visibility.PARTICIPANTS)
    unanswered = ClientEntry.objects.unanswered().filter(pathway=own)
    person = {"name": F("responsible__user__name"), "email": F("responsible__user__email"), "organisation": name_in_language("responsible__organisation"), "organisation_id": F("responsible__organisation_id")}
    return Prepared(
        Pathway.objects.filter(client=Given("client", BigIntegerField()))
        .select_related("partnership")
        .defer("partnership__loaded")
        .annotate(
            stage_rows=JSONRows(StagePeriod.objects.filter(pathway=own).order_by("started_at")[:MOST], stage=F("stage"), started_at=F("started_at")),
            step_rows=JSONRows(
                NextStep.objects.open().filter(pathway=own).order_by("due_on", "starts_at", "id")[:MOST],
                **{name: F(name) for name in ("id", "kind", "what", "due_on", "starts_at", "minutes", "way", "place", "interpreter", "by_client")},
                who=F("responsible__user__name"), organisation=name_in_language("responsible__organisation"),
            ),
            part_rows=JSONRows(Participation.objects.filter(pathway=own, ends_at=None).annotate(part=Subquery(part)).order_by("starts_at", "id")[:MOST], pk=F("responsible_id"), helps=F("part"), **person),
            option_rows=JSONRows(
                EducationOption.objects.filter(pathway=own).exclude(state__in=OPTION_OVER).order_by("-changed_at", "-id")[:MOST],
                **{name: F(name) for name in ("title", "kind", "state", "provider_outside", "decides", "how_to_apply", "starts_on", "next_start_on")},
                provider=name_in_language("provider"),
            ),
            file_rows=JSONRows(
                Attachment.objects.filter(event__in=Event.objects.filter(pathway=OuterRef("pathway")).for_client().counted(), pathway=own).order_by("-added_at", "-id")[:FILES_SHOWN],
                id=F("id"), name=F("name"), size=F("size"), added_at=F("added_at"),
            ),
            hidden_count=Subquery(hidden.order_by().values("pathway").annotate(count=Count("pk")).values("count")),
            unanswered_count=Subquery(unanswered.order_by().values("pathway").annotate(count=Count("pk")).values("count")),
            **{f"{duty}_{name}": path for duty, column in DUTIES.items() for name, path in _person(column).items()},
        )
    )


DUTIES = {"process": "process_person", "lead": "guidance_lead", "study": "study_counsellor"}


def _person(column: str) -> dict:
    return {"named": F(f"{column}__user__name"), "mailed": F(f"{column}__user__email"), "of": name_in_language(f"{column}__organisation"), "of_id": F(f"{column}__organisation_id")}


def _people(pathway: Pathway) -> list[dict]:
    """Who answers for the whole first, then who guides, then each part's; with what they help."""
    if pathway.closed_at:
        return []
    duties = [
        {"pk": getattr(pathway, f"{column}_id"), "helps": duty, "name": getattr(pathway, f"{duty}_named"), "email": getattr(pathway, f"{duty}_mailed"), "organisation": getattr(pathway, f"{duty}_of"), "organisation_id": getattr(pathway, f"{duty}_of_id")}
        for duty, column in DUTIES.items()
        if getattr(pathway, f"{column}_id")
    ]
    return [*duties, *pathway.part_rows]


def _helpers(pathway: Pathway, phones: dict[int, list[Phone]]) -> list[Helper]:
    helpers: dict[int, Helper] = {}
    for row in _people(pathway):
        helper = helpers.setdefault(row["pk"], Helper(row["name"], row["organisation"], row["email"], phones.get(row["organisation_id"], [])))
        helper.helps.append(str(HELPS.get(row["helps"] or Part.OTHER, HELPS[Part.OTHER])))
    for helper in helpers.values():
        helper.helps = list(dict.fromkeys(helper.helps))
    return list(helpers.values())


@dataclass(frozen=True)
class _Period:
    stage: str
    started_at: datetime


def _path(pathway: Pathway, phones: dict[int, list[Phone]], today: date) -> OwnPath:
    periods = [_Period(row["stage"], moment_of(row["started_at"])) for row in pathway.stage_rows]
    return OwnPath(
        pathway,
        [] if pathway.closed_at else [_step(row, today) for row in pathway.step_rows],
        [_option(row) for row in pathway.option_rows],
        [OwnFile(row["id"], row["name"], row["size"], moment_of(row["added_at"])) for row in pathway.file_rows],
        _helpers(pathway, phones),
        _own_figure(pathway, periods),
        periods[-1].started_at if periods else None,
        pathway.hidden_count or 0,
        pathway.unanswered_count or 0,
    )


def _own_figure(pathway: Pathway, periods: list[_Period]) -> PathFigure:
    """The client's own figure, in words to the client."""
    figure = path_figure(pathway, periods, [], shapes=("narrow",))
    text = _("Your path has ended.") if pathway.closed_at else _("You are here: %(stage)s.") % {"stage": Stage(pathway.stage).label}
    words = {"here": _("you are here"), "been": _("you have been here")}
    here = "" if pathway.closed_at else pathway.stage
    rows = [PathRow(row.stage, row.name, words["here"] if row.stage == here else words["been"] if row.since else "", row.since, "") for row in figure.rows]
    return PathFigure(replace(figure.look, text=text), rows, "")


def _step(row: dict, today: date) -> OwnStep:
    due_on = day_of(row["due_on"])
    way = capfirst(str(ContactWay(row["way"]).label)) if row["way"] else ""
    is_mine = bool(row["by_client"]) and row["kind"] != StepKind.APPOINTMENT
    return OwnStep(row["id"], row["what"], due_on, to_moment(row["starts_at"]), row["minutes"], way, row["place"], bool(row["interpreter"]), row["who"], row["organisation"], is_mine, due_on < today)


def _option(row: dict) -> OwnOption:
    kind, state = str(OptionKind(row["kind"]).label), str(OptionState(row["state"]).label)
    return OwnOption(row["title"], kind, row["state"], state, row["provider"] or row["provider_outside"], row["decides"], row["how_to_apply"], to_day(row["starts_on"]), to_day(row["next_start_on"]))
