"""Invented cooperation models of each area, the same each time, and their removal with everything that hangs on them."""
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from django.db import transaction
from django.utils import timezone

from pilots.loading.cooperation import partner_row, write_loaded
from pilots.models import Comment, CooperationModel, EducationForm, Goal, ModelStatusPeriod, PilotArea
from pilots.queries.network import members_with_bodies, shown_as_members

SOURCE = "Keksitty esimerkki"


@dataclass(frozen=True)
class Example:
    name_fi: str
    name_sv: str
    summary_fi: str
    summary_sv: str
    body_fi: str
    lessons_fi: str
    goals: tuple[tuple[int, str, str], ...]
    forms: tuple[str, ...]
    tag: str
    result_fi: str
    result_sv: str
    figure: int
    unit: str


EXAMPLES = (
    Example(
        "Demo: Etäopetusta lukion pienille kursseille", "Demo: Distansundervisning för gymnasiets små kurser",
        "Lukiot opettavat valinnaiset kurssit yhdessä etäyhteydellä, jotta pienelläkin lukiolla on laaja tarjonta.",
        "Gymnasierna undervisar valfria kurser tillsammans på distans, så att också ett litet gymnasium har ett brett utbud.",
        "# Näin toimimme\n\nYhteinen kurssitarjotin sovitaan helmikuussa. Jokaisessa lukiossa on tila ja ohjaaja paikalla.\n\n- lukujärjestykset sovitettu kahteen yhteiseen palkkiin\n- opettaja on yhden kunnan palveluksessa, muut maksavat tunneista",
        "Yhteiset palkit on sovittava ennen kuin opettajat valitaan.",
        ((1, "Kurssit saa omassa lukiossa.", "Kurserna går att läsa i det egna gymnasiet."), (2, "Opetus ei ole sidottu yhteen rakennukseen.", "Undervisningen är inte bunden till en byggnad."), (4, "Pieni ryhmä jaetaan usean kesken.", "En liten grupp delas mellan flera.")),
        ("general-upper-secondary",), "availability", "Valinnaisia kursseja tarjolla", "Valfria kurser i utbudet", 34, "kurssia",
    ),
    Example(
        "Demo: Yhteinen erityisopettaja", "Demo: Gemensam speciallärare",
        "Kunnat palkkaavat yhdessä erityisopettajan, joka kiertää kouluissa.", "Kommunerna anställer tillsammans en speciallärare som besöker skolorna.",
        "# Näin toimimme\n\nYksi kunta on työnantaja, muut ostavat työpäiviä. Matka-aika lasketaan työaikaan.\n\n## Viikko\n\n1. maanantai ja tiistai pääkoululla\n2. keskiviikko ja torstai kylissä\n3. perjantai suunnittelua",
        "Yksi esimies riittää, mutta tavoitteista on sovittava kaikkien kesken.",
        ((1, "Tukea saa lähikoulussa.", "Stöd ges i närskolan."), (4, "Työpäivät jaetaan tarpeen mukaan.", "Arbetsdagarna delas efter behov.")),
        ("basic",), "quality", "Tukea saaneita oppilaita", "Elever som fick stöd", 58, "oppilasta",
    ),
    Example(
        "Demo: Ammatillisia opintoja yläkoulussa", "Demo: Yrkesstudier i högstadiet",
        "Yläkoululaiset tutustuvat ammatilliseen koulutukseen oppilaitoksen pajoissa valinnaisaineena.", "Högstadieelever bekantar sig med yrkesutbildning i läroanstaltens verkstäder som tillvalsämne.",
        "# Näin toimimme\n\nKerran viikossa linja-auto vie oppilaat pajoihin. Opettaja on oppilaitoksesta, ohjaaja koulusta.",
        "Kuljetus on ratkaistava ensin.",
        ((2, "Koulu on myös pajassa.", "Skolan finns också i verkstaden."), (3, "Nuoret näkevät alueen alat ajoissa.", "De unga ser områdets branscher i tid.")),
        ("basic", "vocational"), "accessibility", "Osallistuneita oppilaita", "Elever som deltog", 41, "oppilasta",
    ),
    Example(
        "Demo: Kansalaisopiston ja lukion yhteiset kieliryhmät", "Demo: Medborgarinstitutets och gymnasiets gemensamma språkgrupper",
        "Harvinaisempia kieliä opiskelevat samassa ryhmässä lukiolaiset ja aikuiset.", "I mindre lästa språk studerar gymnasister och vuxna i samma grupp.",
        "# Näin toimimme\n\nRyhmä kokoontuu iltapäivisin. Lukiolaisen kurssi hyväksytään lukion opinnoksi.",
        "Arvioinnista on sovittava kirjallisesti.",
        ((1, "Kieli säilyy tarjonnassa.", "Språket hålls kvar i utbudet."), (5, "Etsimme ratkaisua kahden lain väliin.", "Vi söker en lösning mellan två lagar.")),
        ("general-upper-secondary", "liberal-adult"), "economy", "Säästö verrattuna kahteen ryhmään", "Inbesparing jämfört med två grupper", 6200, "euroa",
    ),
    Example(
        "Demo: Hitsauksen lyhytkurssi yritysten tarpeeseen", "Demo: Kortkurs i svetsning för företagens behov",
        "Oppilaitos ja kunnat järjestävät yhdessä lyhyen kurssin, kun yritykset kertovat tarpeesta.", "Läroanstalten och kommunerna ordnar tillsammans en kort kurs när företagen berättar om behovet.",
        "# Näin toimimme\n\nTarve kysytään yrityksiltä kahdesti vuodessa. Kurssi alkaa kuuden viikon kuluessa.",
        "Paikkoja kannattaa varata myös työttömille.",
        ((3, "Kurssi syntyy tarpeesta.", "Kursen uppstår ur behovet."), (1, "Koulutus tulee lähelle.", "Utbildningen kommer nära.")),
        ("vocational",), "quality", "Kurssin jälkeen työssä", "I arbete efter kursen", 72, "%",
    ),
)  # fmt: skip
# How far each example of an area has come: the statuses with the years in which they began.
LADDERS = ((("idea", 2020), ("trial", 2021), ("in_use", 2022)), (("idea", 2021), ("trial", 2023)), (("trial", 2020), ("ended", 2022)), (("idea", 2022),))


@transaction.atomic
def load_demo_models() -> int:
    """Two or three to each area that has none of them; how many were created."""
    goals = {goal.number: goal for goal in Goal.objects.all()}
    forms = {form.code: form for form in EducationForm.objects.all()}
    there = set(CooperationModel.objects.filter(slug__startswith="demo-").values_list("slug", flat=True))
    members: dict[int, list] = {}
    for row in members_with_bodies().filter(shown_as_members()):
        members.setdefault(row.area_id, []).append(row.body)
    created = 0
    for area in PilotArea.objects.order_by("number"):
        for turn in range(2 + area.number % 2):
            slug = f"demo-{area.slug}-{turn + 1}"
            if slug not in there:
                _create(slug, area, EXAMPLES[(area.number + turn * 2) % len(EXAMPLES)], area.number + turn, members.get(area.pk, []), goals, forms)
                created += 1
    return created


def _create(slug: str, area: PilotArea, example: Example, number: int, members: list, goals: dict, forms: dict) -> None:
    ladder = LADDERS[number % len(LADDERS)]
    last, since = ladder[-1]
    euros = Decimal(4000 + number % 7 * 1500)
    partners = [partner_row(body, body.name_fi, "Järjestää opetuksen." if place == 0 else "Antaa tilat ja ohjaajan.", "Ordnar undervisningen." if place == 0 else "Ger lokaler och handledare.") for place, body in enumerate(members[:3])]
    for place, partner in enumerate(partners):
        partner |= {"euros": Decimal(round(euros / (place + 1))), "contribution_fi": "työaikaa ja tiloja", "contribution_sv": "arbetstid och lokaler"}
    values = {
        "education_forms": [forms[code] for code in example.forms if code in forms],
        "municipalities": [],
        "partners": partners,
        "goals": [{"goal": goals[place], "how_fi": how_fi, "how_sv": how_sv} for place, how_fi, how_sv in example.goals if place in goals],
        "status": {"status": last, "starts_on": date(since, 8, 1)},
        "results": [{
            "tag": example.tag, "text_fi": example.result_fi, "text_sv": example.result_sv, "figure": Decimal(example.figure + number % 9), "unit": example.unit,
            "measured_on": date(since, 12, 1), "how_fi": "Laskettu oppilaitosten omista luvuista", "how_sv": "Räknat ur läroanstalternas egna siffror",
        }] if last != "idea" else [],
        "links": [],
    }  # fmt: skip
    check_by = timezone.localdate() + timedelta(days=30 * (number % 12) - 40)
    texts = {name: getattr(example, name) for name in ("name_fi", "name_sv", "summary_fi", "summary_sv", "body_fi", "lessons_fi")}
    model = CooperationModel(slug=slug, area=area, source=SOURCE, is_demo=True, check_by=check_by, cost=sum((row["euros"] for row in partners), Decimal(0)), cost_fi="Osapuolet maksavat oman osuutensa.", cost_sv="Parterna betalar var sin andel.", **texts)
    write_loaded(model, values)
    earlier = [ModelStatusPeriod(model=model, status=status, starts_on=date(year, 8, 1), ends_on=date(following, 8, 1)) for (status, year), (_next, following) in pairwise(ladder)]
    ModelStatusPeriod.objects.bulk_create(earlier)


@transaction.atomic
def remove_demo_models() -> int:
    """The invented models with their comments, reports and history; one that a real person has written in is theirs and stays."""
    taken = CooperationModel.history.filter(is_demo=True, history_user__isnull=False, history_user__is_demo=False).values("id")
    CooperationModel.objects.filter(pk__in=list(taken.values_list("id", flat=True))).update(is_demo=False)
    Comment.objects.filter(author__user__is_demo=True).delete()
    models = list(CooperationModel.objects.filter(is_demo=True))
    for model in models:
        model.delete()
    CooperationModel.history.filter(is_demo=True).exclude(id__in=CooperationModel.objects.values("pk")).delete()
    return len(models)
