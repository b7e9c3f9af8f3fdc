"""A person's own clients, and how many of them are where; the list that shows them is built on the same rows."""
from django.db.models import Count, Q, QuerySet

from guidance.choices import OptionState
from guidance.models import EducationOption, Pathway
from pilots.models import Membership

# An option that the client may still take or is taking.
OPTION_ALIVE = (OptionState.CONSIDERED, OptionState.CHOSEN, OptionState.APPLIED, OptionState.WAITING, OptionState.ADMITTED, OptionState.STARTED)


def own_pathways(acting: Membership) -> QuerySet[Pathway]:
    """Open pathways of the organisation acted for in which this person has a duty: owner, lead, study counsellor or
    the one who answers for the organisation's part. Each once."""
    duty = Q(process_person=acting) | Q(guidance_lead=acting) | Q(study_counsellor=acting) | Q(participations__responsible=acting)
    return Pathway.objects.open().filter(duty, participations__organisation_id=acting.organisation_id, participations__ends_at=None)


def count_by_stage(acting: Membership, partnership_id: int) -> dict[str, int]:
    rows = own_pathways(acting).filter(partnership_id=partnership_id).order_by().values_list("stage").annotate(Count("pk"))
    return dict(rows)


def count_by_option(acting: Membership, partnership_id: int) -> dict[str, int]:
    """How many own clients have an option of a kind that is still alive."""
    own = own_pathways(acting).filter(partnership_id=partnership_id).order_by().values("pk")
    rows = EducationOption.objects.filter(pathway__in=own, state__in=OPTION_ALIVE).order_by().values_list("kind").annotate(Count("pathway", distinct=True))
    return dict(rows)
