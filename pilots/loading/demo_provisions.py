"""Plainly invented availability of education in one area, so that the pages can be tried; the same every time."""
from pilots.choices import ProvisionWay
from pilots.models import EducationForm, Organisation, PilotArea, Provision
from pilots.queries.indicators import municipalities_of_area

SOURCE = "Keksitty esimerkki, jotta sivua voi kokeilla."
AREA = "suupohja"
# Form of education, how, in Finnish, place.
ROWS = (("basic", ProvisionWay.OWN, True, "Keksitty koulu"), ("general-upper-secondary", ProvisionWay.REMOTE, True, "Keksitty etälukio"), ("vocational", ProvisionWay.JOINT, True, "Keksitty oppilaitos"), ("higher", ProvisionWay.MISSING, False, ""))


def load_provisions() -> int:
    """Gives how many were made; loading again makes none."""
    area = PilotArea.objects.filter(slug=AREA).first()
    provider = Organisation.objects.filter(area_memberships__area=area, kind="joint_authority").order_by("pk").first() if area else None
    if area is None or provider is None or Provision.objects.filter(is_demo=True).exists():
        return 0
    forms = EducationForm.objects.in_bulk([row[0] for row in ROWS], field_name="code")
    made = 0
    for municipality in municipalities_of_area(AREA):
        for code, way, in_finnish, place in ROWS:
            if code in forms:
                Provision.objects.create(area=area, municipality=municipality, form=forms[code], way=way, provider=None if way == ProvisionWay.MISSING else provider, place=place, in_finnish=in_finnish, source=SOURCE, is_demo=True)
                made += 1
    return made


def remove_provisions() -> int:
    """With their history; touches nothing else."""
    rows = Provision.objects.filter(is_demo=True)
    count = rows.count()
    rows.delete()
    # Deleting writes history too.
    Provision.history.filter(is_demo=True).delete()
    return count
