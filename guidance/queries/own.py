"""A person's own clients, and how many of them are where; the list that shows them is built on the same rows."""
from collections.abc import Sequence

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from guidance.choices import OptionState
from guidance.models import EducationOption, Participation, Partnership, Pathway
from pilots.models import Membership
from pilots.queries.prepared import Given, among

# An option that the client may still take or is taking.
OPTION_ALIVE = (OptionState.CONSIDERED, OptionState.CHOSEN, OptionState.APPLIED, OptionState.WAITING, OptionState.ADMITTED, OptionState.STARTED)
DUTIES = ("process_person", "guidance_lead", "study_counsellor")


def opens_pathways(acting: Membership) -> bool:
    """Whether the organisation acted for owns the process of an open partnership: it alone opens pathways."""
    return Partnership.objects.filter(process_organisation=acting.organisation_id, opened_at__isnull=False).exists()


def pathways_to_open(organisation_id: int) -> QuerySet[Pathway]:
    """Those whose page the organisation's counsellors may open: the rule of `permissions.may_see_pathway` for many at once."""
    now = Participation.objects.filter(organisation=organisation_id, ends_at=None).order_by()
    return Pathway.objects.filter(Q(pk__in=now.values("pathway")) | Q(closed_at__isnull=False, process_owner=organisation_id)).order_by()


def own_pathways(acting: Membership) -> QuerySet[Pathway]:
    """Open pathways of the organisation acted for in which this person has a duty: owner, lead, study counsellor or
    the one who answers for the organisation's part. Each once."""
    return pathways_of_people([acting.pk], acting.organisation_id)


def pathways_of_people(people: Sequence[int | Given] | QuerySet, organisation_id: int | Given) -> QuerySet[Pathway]:
    """The same for several people of one organisation: someone and those whom they stand in for."""
    now = Participation.objects.filter(ends_at=None).order_by()
    # Asked of each one found: as a set it would be every client of the organisation.
    takes_part = now.filter(organisation=organisation_id, pathway=OuterRef("pk"))
    # A union of one index each: an OR over two tables would read every client of the organisation.
    answered_for = now.filter(among("responsible", people)).values("pathway")
    by_duty = [Pathway.objects.open().filter(among(duty, people)).order_by().values("pk") for duty in DUTIES]
    return Pathway.objects.open().filter(pk__in=answered_for.union(*by_duty)).filter(pk=Subquery(takes_part.values("pathway")[:1]))


def count_by_stage(acting: Membership, partnership_id: int) -> dict[str, int]:
    rows = own_pathways(acting).filter(partnership_id=partnership_id).order_by().values_list("stage").annotate(Count("pk"))
    return dict(rows)


def count_by_option(acting: Membership, partnership_id: int) -> dict[str, int]:
    """How many own clients have an option of a kind that is still alive."""
    own = own_pathways(acting).filter(partnership_id=partnership_id).order_by().values("pk")
    rows = EducationOption.objects.filter(pathway__in=own, state__in=OPTION_ALIVE).order_by().values_list("kind").annotate(Count("pathway", distinct=True))
    return dict(rows)
