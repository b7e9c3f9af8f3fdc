"""Who may read about a client now, and why; body by body, as the client reads it."""
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from guidance.choices import DisclosureBasis, ProcessingBasis
from guidance.models import Consent, Participation, Pathway
from guidance.queries.own_readings import grounds_in_words


@dataclass(frozen=True)
class Body:
    """`rests_on_law`: what it does goes on whatever the client consents to. `takes_part`: it reads now; otherwise a consent lets it be told."""

    pathway: Pathway
    name: str
    since: date
    ground: str
    takes_part: bool
    rests_on_law: bool
    may_withdraw: bool
    organisation_id: int | None = None
    outside: str = ""
    consent: Consent | None = None


def access_of(pathways: list[Pathway]) -> list[Body]:
    """Of the pathways that are open: those that take part, then those that may be told by a consent. Two queries."""
    here = {one.pk: one for one in pathways if one.closed_at is None}
    rows = list(Participation.objects.filter(pathway__in=here).select_related("organisation", "processing_ground", "disclosure_ground").order_by("starts_at", "pk"))
    parts = sorted(_without_breaks(rows), key=lambda one: (one[0], one[1].pk))
    consents = list(Consent.objects.in_force().filter(pathway__in=here).select_related("organisation").order_by("given_on", "pk"))
    found = []
    for since, part in parts:
        consent = next((one for one in consents if (one.pathway_id, one.organisation_id) == (part.pathway_id, part.organisation_id)), None)
        by_consent = part.disclosure_basis == DisclosureBasis.CONSENT and part.organisation_id != here[part.pathway_id].process_owner_id
        found.append(
            Body(
                pathway=here[part.pathway_id], name=part.organisation.name, since=timezone.localdate(since), ground=grounds_in_words(part), takes_part=True, rests_on_law=not by_consent and part.processing_basis == ProcessingBasis.STATUTORY_TASK,
                may_withdraw=by_consent, organisation_id=part.organisation_id, consent=consent,
            )
        )  # fmt: skip
    shown = {(body.pathway.pk, body.organisation_id) for body in found}
    for one in consents:
        if one.organisation_id is None or (one.pathway_id, one.organisation_id) not in shown:
            found.append(Body(pathway=here[one.pathway_id], name=one.receiver_name, since=one.given_on, ground=str(one.get_scope_display()), takes_part=False, rests_on_law=False, may_withdraw=True, organisation_id=one.organisation_id, outside=one.outside, consent=one))
    return found


def _without_breaks(rows: list[Participation]) -> Iterator[tuple[datetime, Participation]]:
    """Who takes part now, and since when: a basis that was stated anew is no break."""
    began: dict[tuple[int, int, datetime], datetime] = {}
    for row in rows:
        since = began.get((row.pathway_id, row.organisation_id, row.starts_at), row.starts_at)
        if row.ends_at is None:
            yield since, row
        else:
            began[row.pathway_id, row.organisation_id, row.ends_at] = since
