"""Two files before they become one: what the preview tells of each, as far as the reader's organisation may read it."""
from dataclasses import dataclass

from guidance.choices import Stage
from guidance.models import Client, Participation, Pathway
from pilots.models import Membership, Organisation


@dataclass(frozen=True)
class File:
    pathway: Pathway
    client: Client
    stage: str
    events: int
    # Who takes part in the other file only, and will read from the merge on what is written in this one.
    new_readers: list[Organisation]


def files_of(acting: Membership, one: Pathway, other: Pathway) -> list[File]:
    rows = Participation.objects.filter(pathway__in=[one.pk, other.pk], ends_at=None).select_related("organisation").order_by("organisation__sort_key_fi")
    taking_part: dict[int, list[Organisation]] = {one.pk: [], other.pk: []}
    for row in rows:
        taking_part[row.pathway_id].append(row.organisation)
    return [
        File(
            pathway=pathway,
            client=pathway.client,
            stage=str(Stage(pathway.stage).label),
            events=pathway.events.visible_to(acting.organisation_id).count(),
            new_readers=[organisation for organisation in taking_part[beside.pk] if organisation not in taking_part[pathway.pk]],
        )
        for pathway, beside in ((one, other), (other, one))
    ]
