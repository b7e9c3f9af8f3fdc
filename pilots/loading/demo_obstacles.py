"""Plainly invented obstacles, proposals, weights and skill needs, so that the pages can be tried; the same every time."""
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from pilots.choices import ObstacleAct, ObstacleStatus, ProposalStatus
from pilots.models import EducationForm, FieldOfEducation, Goal, Obstacle, ObstacleEvent, ObstacleSupport, PilotArea, Proposal, SkillNeed

NOTE_FI = "Tämä este on keksitty, jotta sivuja voi kokeilla."
NOTE_SV = "Det här hindret är påhittat så att sidorna kan prövas."


@dataclass(frozen=True)
class Invented:
    """`areas` are numbers in the round: the first one reports, the others give their weight."""

    name_fi: str
    name_sv: str
    kind: str
    removers: tuple[str, ...]
    areas: tuple[int, ...]
    forms: tuple[str, ...]
    goals: tuple[int, ...]
    status: str
    proposal: tuple[str, str, str, str] = ("", "", "", "")
    answer: tuple[str, str] = ("", "")


# proposal: in Finnish, in Swedish, to whom, status
OBSTACLES = (
    Invented("Kuntien lukujärjestykset eivät osu yhteen", "Kommunernas läsordningar går inte ihop", "practice", ("municipality", "provider"), (10, 7, 12), ("general-upper-secondary",), (1, 2), "in_progress",
             ("Sovitaan seudulla yhteiset tuntipaikat etäopetukselle kahdeksi vuodeksi kerrallaan.", "Regionen kommer överens om gemensamma lektionstider för distansundervisning för två år i taget.", "municipality", "accepted"),
             ("Kuntaliitto kokoaa mallin yhteisistä tuntipaikoista.", "Kommunförbundet sammanställer en modell för gemensamma lektionstider.")),
    Invented("Etäopetuksen ryhmäkoon rahoitus jää yhdelle kunnalle", "Finansieringen av distansgrupper stannar hos en kommun", "funding", ("ministry", "legislator"), (1, 3, 5, 13), ("basic", "general-upper-secondary"), (4, 5), "proposed",
             ("Rahoitus seuraa oppilasta myös silloin, kun opettaja on toisessa kunnassa.", "Finansieringen följer eleven även när läraren finns i en annan kommun.", "ministry", "handed_over")),
    Invented("Kahden järjestäjän oppilastiedot eivät liiku", "Elevuppgifter rör sig inte mellan två anordnare", "information_systems", ("provider", "kuntaliitto"), (2, 9), ("vocational", "general-upper-secondary"), (2, 3), "proposed",
             ("Sovitaan yhteinen tapa siirtää suoritukset järjestäjältä toiselle.", "Man kommer överens om ett gemensamt sätt att överföra prestationer mellan anordnare.", "kuntaliitto", "made")),
    Invented("Opettajan virka on sidottu yhteen kuntaan", "Lärartjänsten är bunden till en kommun", "agreements", ("municipality", "kuntaliitto"), (8, 4, 6, 11), ("basic",), (1, 4), "open",
             ("Laaditaan sopimusmalli yhteisestä virasta kahden kunnan välille.", "Man utarbetar en avtalsmodell för en gemensam tjänst mellan två kommuner.", "kuntaliitto", "made")),
    Invented("Matka lähimpään ammatilliseen oppilaitokseen on liian pitkä", "Vägen till närmaste yrkesläroanstalt är för lång", "distance", ("provider", "municipality"), (4,), ("vocational",), (1,), "open"),
    Invented("Aikuisten perusopetusta ei saa järjestää yhdessä", "Grundläggande utbildning för vuxna får inte ordnas tillsammans", "law", ("legislator", "ministry"), (6, 2), ("basic-adult",), (1, 5), "not_pursued",
             ("", "", "", ""), ("Lain mukaan yhteistyö on jo mahdollista sopimuksella.", "Enligt lagen är samarbete redan möjligt genom avtal.")),
    Invented("Lukiota pidetään oman kunnan asiana", "Gymnasiet ses som den egna kommunens sak", "attitudes", ("municipality",), (12, 1), ("general-upper-secondary",), (2,), "open"),
    Invented("Ruotsinkielisiä etäkursseja on liian vähän", "Det finns för få svenskspråkiga distanskurser", "practice", ("provider", "kuntaliitto"), (11, 6), ("general-upper-secondary", "liberal-adult"), (1, 3), "removed",
             ("Kurssitarjonta kootaan yhteen luetteloon.", "Kursutbudet samlas i en gemensam förteckning.", "kuntaliitto", "answered"),
             ("Yhteinen luettelo on avattu.", "Den gemensamma förteckningen har öppnats.")),
)  # fmt: skip
# area, field, in Finnish, in Swedish, now, in five years
NEEDS = (
    (10, "09", "lähihoitajat", "närvårdare", "urgent", "growing"), (10, "07", "hitsaus", "svetsning", "large", "same"), (1, "08", "maatalouslomittajat", "lantbruksavbytare", "large", "growing"),
    (4, "10", "matkailupalvelut", "turismtjänster", "moderate", "growing"), (6, "09", "tvåspråkiga närvårdare / kaksikieliset lähihoitajat", "tvåspråkiga närvårdare", "urgent", "urgent"),
    (7, "06", "digitaidot", "digitala färdigheter", "moderate", "growing"), (11, "01", "ruotsinkieliset varhaiskasvattajat", "svenskspråkiga småbarnspedagoger", "urgent", "growing"),
    (12, "07", "sähköasentajat", "elmontörer", "large", "urgent"), (13, "08", "metsäkoneen kuljettajat", "skogsmaskinsförare", "large", "same"), (2, "04", "taloushallinto", "ekonomiförvaltning", "small", "decreasing"),
)  # fmt: skip


@transaction.atomic
def load_obstacles(*, now: datetime) -> int:
    """How many obstacles were made: none when any invented one is there already. Needs the network."""
    if Obstacle.objects.filter(is_demo=True).exists():
        return 0
    latest = PilotArea.objects.order_by("-round__starts_on").values("round")[:1]
    areas = {area.number: area for area in PilotArea.objects.filter(round__in=latest)}
    forms, goals = EducationForm.objects.in_bulk(field_name="code"), Goal.objects.in_bulk(field_name="number")
    for place, one in enumerate(OBSTACLES):
        _make(one, now - timedelta(days=120 - 11 * place), [areas[number] for number in one.areas], [forms[code] for code in one.forms], [goals[number] for number in one.goals], place)
    fields = FieldOfEducation.objects.in_bulk(field_name="code")
    for number, code, name_fi, name_sv, need_now, need_later in NEEDS:
        SkillNeed.objects.create(
            area=areas[number], field=fields[code], name_fi=name_fi, name_sv=name_sv, need_now=need_now, need_later=need_later, source="Keksitty: demo", dated_on=date(2026, 9, 1), is_demo=True
        )
    return len(OBSTACLES)


def _make(one: Invented, at: datetime, areas: list[PilotArea], forms: list, goals: list, place: int) -> None:
    reporter, *behind = areas
    obstacle = Obstacle(
        name_fi=one.name_fi, name_sv=one.name_sv, kind=one.kind, reported_by=reporter, status=one.status, published_at=at, created_at=at, is_demo=True,
        description_fi=NOTE_FI, description_sv=NOTE_SV, evidence_fi=f"Keksitty kysely: **{3 + place} kuntaa** kertoi samasta.", evidence_sv=f"Påhittad enkät: **{3 + place} kommuner** berättade om samma sak.",
        check_by=timezone.localdate(at) + timedelta(days=100 if place == 2 else 400),
    )  # fmt: skip
    obstacle.removers = one.removers
    obstacle.save()
    obstacle.areas.set(areas[:2])
    obstacle.education_forms.set(forms)
    obstacle.goals.set(goals)
    _note(obstacle, ObstacleAct.REPORTED, at, reporter, to_status=ObstacleStatus.OPEN)
    for days, area in enumerate(behind, start=3):
        reason = {"reason_fi": "Meillä on sama este.", "reason_sv": "Vi har samma hinder."}
        ObstacleSupport.objects.create(obstacle=obstacle, area=area, given_at=at + timedelta(days=days), is_demo=True, **reason)
        _note(obstacle, ObstacleAct.WEIGHT_ADDED, at + timedelta(days=days), area, text_fi=reason["reason_fi"], text_sv=reason["reason_sv"])
    text_fi, text_sv, addressee, status = one.proposal
    if text_fi:
        _propose(obstacle, reporter, at + timedelta(days=10), text_fi=text_fi, text_sv=text_sv, addressee=addressee, status=status)
    if one.status != ObstacleStatus.OPEN:
        _note(obstacle, ObstacleAct.MOVED, at + timedelta(days=14), None, from_status=ObstacleStatus.OPEN, to_status=one.status, text_fi=one.answer[0], text_sv=one.answer[1])


def _propose(obstacle: Obstacle, area: PilotArea, at: datetime, *, status: str, **fields: str) -> None:
    made = timezone.localdate(at)
    answered = status in (ProposalStatus.ANSWERED, ProposalStatus.ACCEPTED)
    proposal = Proposal.objects.create(
        obstacle=obstacle, area=area, status=status, made_on=made, created_at=at, is_demo=True, **fields,
        handed_over_on=made + timedelta(days=2) if status != ProposalStatus.MADE else None, answered_on=made + timedelta(days=4) if answered else None,
        answer_fi="Keksitty vastaus: ehdotus viedään eteenpäin." if answered else "", answer_sv="Påhittat svar: förslaget förs vidare." if answered else "",
    )  # fmt: skip
    _note(obstacle, ObstacleAct.PROPOSAL_MOVED, at, area, proposal=proposal, to_status=ProposalStatus.MADE)


def _note(obstacle: Obstacle, act: str, at: datetime, area: PilotArea | None, **fields) -> None:
    ObstacleEvent.objects.create(obstacle=obstacle, act=act, at=at, area=area, is_demo=True, **fields)


@transaction.atomic
def remove_obstacles() -> int:
    """How many invented obstacles went, with all that stands on them; invented weights, proposals and skill needs on anything else go too.

    A real obstacle that was merged into an invented one comes back to stand by itself.
    """
    invented = list(Obstacle.objects.filter(is_demo=True))
    Obstacle.objects.filter(merged_into__in=invented, is_demo=False).update(merged_into=None)
    ObstacleSupport.objects.filter(is_demo=True).delete()
    proposals = Proposal.objects.filter(is_demo=True) | Proposal.objects.filter(obstacle__in=invented)
    ObstacleEvent.objects.filter(proposal__in=proposals.values("pk")).delete()
    ObstacleEvent.objects.filter(obstacle__in=invented).delete()
    proposals.delete()
    Obstacle.objects.filter(is_demo=True).update(merged_into=None)
    Obstacle.objects.filter(is_demo=True).delete()
    needs = list(SkillNeed.objects.filter(is_demo=True).values_list("pk", flat=True))
    SkillNeed.history.filter(id__in=needs).delete()
    SkillNeed.objects.filter(pk__in=needs).delete()
    return len(invented)
