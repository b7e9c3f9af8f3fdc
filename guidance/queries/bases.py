from guidance.models import PartnershipPart


def stated_part(organisation_id: int, partnership_id: int) -> PartnershipPart | None:
    """The part in which an organisation has stated on what basis it processes clients' data itself; nobody fills it in for it.

    Its part in this partnership; where it has none, as an authority to which a client is transferred, that in the one it owns.
    """
    own = PartnershipPart.objects.filter(organisation=organisation_id)
    if here := own.filter(partnership=partnership_id).first():
        return here if here.acts_as_authority is not None else None
    return own.filter(partnership__process_organisation=organisation_id, acts_as_authority__isnull=False).order_by("pk").first()
