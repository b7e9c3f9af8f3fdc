"""What the guards walk through of obstacles, publications and skill needs, for a side of the made network."""
from types import SimpleNamespace

from pilots.models import Membership, Publication
from tests.pilots.obstacles import make_lawful, make_obstacle, make_proposal, make_publication, make_skill_need, make_support


def make_obstacles(side: SimpleNamespace, by: Membership, other: Membership, publication: Publication) -> None:
    """An obstacle that the other area supports, with a proposal and a draft of one; a second to merge into; a draft of the area's own."""
    side.obstacle = make_obstacle(by, f"Este: {side.area.name_fi}", description_fi="**Keksitty** kuvaus.", evidence_fi="Keksitty näyttö", evidence_links="https://www.example.org/selvitys")
    side.obstacle.areas.add(by.area)
    side.draft_obstacle = make_obstacle(by, "Keksitty luonnos", published_at=None)
    side.twin = make_obstacle(by, "Sama este toisin sanoin")
    make_support(side.obstacle, other.area)
    side.proposal = make_proposal(side.obstacle)
    side.draft_proposal = make_proposal(side.obstacle, status="draft", made_on=None)
    side.skill_need = make_skill_need(side.area)
    side.publication = publication


def make_shared_publication() -> Publication:
    make_lawful("made")
    return make_publication(name_fi="Keksitty raportti", author="Keksitty Tekijä", language="fi")
