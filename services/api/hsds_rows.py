"""Shared services and their organisations in the words of the Human Services Data Specification (Open Referral, HSDS 3.0).

Source: its field tables, https://docs.openreferral.org/en/v3.0.1/hsds/schema_reference.html. What is not known is left out, never null;
amounts are numbers; nothing is added that the standard does not name.
"""
import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.addresses import in_public_name
from accounts.templatetags.kopa import content_in, page_language
from pilots.models import Municipality, MunicipalityRegion, Organisation
from services.choices import Delivery, PriceBasis, ServiceLanguage
from services.models import Place, SharedService
from services.queries.times import FINLAND

ORGANIZATION, SERVICE, PLACE, TOWN, AT, ADDRESS, SCHEDULE, PHONE, COST, LANGUAGE, IDENTIFIER, ACCESS = range(1, 13)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
COUNTRY = "FI"


def uuid_of(kind: int, key: int, part: int = 0) -> str:
    """The same for the same thing for ever: version 8 of RFC 9562, of the portal's name, the kind, and the key; so a thing is found by it without a search."""
    name = int.from_bytes(hashlib.sha256(settings.PUBLIC_ORIGIN.encode()).digest()[:6])
    return str(UUID(int=name << 80 | 8 << 76 | kind << 64 | 2 << 62 | part << 40 | key))


def key_of(kind: int, text: UUID) -> int | None:
    """The key of the thing, or None where the UUID is of no such thing."""
    key = text.int & (1 << 40) - 1
    return key if str(text) == uuid_of(kind, key) else None


def filled(**values: Any) -> dict[str, Any]:
    """The fields that are known."""
    return {name: value for name, value in values.items() if value not in ("", None, [])}


def in_words(thing: Any, field: str) -> str:
    return content_in(thing, field, page_language())[0]


def names(thing: Any) -> dict[str, str]:
    """The name in the language asked for, and one that is written otherwise."""
    others = [text for code in ("fi", "sv", "en") if (text := getattr(thing, f"name_{code}", "")) and text != thing.name]
    return filled(name=thing.name, alternate_name=others[0] if others else "")


def for_hsds(services: QuerySet[SharedService]) -> QuerySet[SharedService]:
    """With all that a service needs; a number of queries that does not depend on how many they are."""
    now_in = MunicipalityRegion.objects.on(timezone.localdate()).select_related("region")
    found = services.select_related("organisation__part_of", "place__municipality", "resource__whole").defer("search_words", "organisation__loaded", "organisation__part_of__loaded", "place__municipality__loaded")
    return found.prefetch_related(Prefetch("place__municipality__region_periods", now_in, to_attr="regions_now"), "resource__opening_hours", "resource__whole__opening_hours")


def organization_row(organisation: Organisation) -> dict[str, Any]:
    business_id = organisation.shown_business_id
    identifiers = [{"id": uuid_of(IDENTIFIER, organisation.pk), "identifier_type": _("Business ID"), "identifier": business_id}] if business_id else []
    return filled(
        id=uuid_of(ORGANIZATION, organisation.pk),
        **names(organisation),
        description=in_words(organisation, "note") or capfirst(str(organisation.get_kind_display())),
        website=in_public_name(organisation.get_absolute_url()),
        legal_status=capfirst(str(organisation.get_legal_form_display())),
        parent_organization_id=uuid_of(ORGANIZATION, organisation.part_of_id) if organisation.part_of_id else "",
        organization_identifiers=identifiers,
    )


def service_row(service: SharedService, full: bool = True) -> dict[str, Any]:
    """`full`: with its tables beside, as far as the reader is one to whom it is offered; of others that it exists, and where about."""
    row = filled(
        id=uuid_of(SERVICE, service.pk),
        **names(service),
        status="active" if service.state == "public" else "inactive",
        url=in_public_name(service.get_absolute_url()),
        organization=organization_row(service.organisation),
    )
    if service.usable:
        row |= filled(description=in_words(service, "description"), email=service.contact_email, eligibility_description=in_words(service, "target_groups"), application_process=in_words(service, "conditions"), fees_description=_price(service))
    if not full:
        return row
    row |= filled(service_at_locations=_at_locations(service))
    if service.usable:
        row |= filled(phones=_phones(service), schedules=_schedules(service), languages=_languages(service), cost_options=_costs(service))
    return row


def _price(service: SharedService) -> str:
    if service.price is None:
        return capfirst(str(service.get_price_basis_display()))
    return _("%(price)s € %(basis)s") % {"price": service.price, "basis": service.get_price_basis_display()}


def _phones(service: SharedService) -> list[dict[str, Any]]:
    return [{"id": uuid_of(PHONE, service.pk), "number": service.contact_phone}] if service.contact_phone else []


def _costs(service: SharedService) -> list[dict[str, Any]]:
    if service.price is None or service.price_basis in (PriceBasis.FREE, PriceBasis.AGREED):
        return []
    return [{"id": uuid_of(COST, service.pk), "currency": "EUR", "amount": float(service.price), "amount_description": str(service.get_price_basis_display())}]


def _languages(service: SharedService) -> list[dict[str, Any]]:
    return [{"id": uuid_of(LANGUAGE, service.pk, place), "name": capfirst(str(one.label)), "code": one.value} for place, one in enumerate(ServiceLanguage) if one in service.languages]


def _schedules(service: SharedService) -> list[dict[str, Any]]:
    """A row of opening hours is a weekly event; its times are local, with the offset of today."""
    whole = service.resource and (service.resource.whole or service.resource)
    if not whole:
        return []
    offset = timezone.now().astimezone(FINLAND).utcoffset()
    return [
        filled(
            id=uuid_of(SCHEDULE, service.pk, place),
            freq="WEEKLY",
            byday=DAYS[row.weekday - 1],
            opens_at=f"{row.opens:%H:%M}",
            closes_at=f"{row.closes:%H:%M}",
            timezone=offset.total_seconds() / 3600 if offset else None,
            valid_from=row.first_day.isoformat() if row.first_day else "",
            valid_to=row.last_day.isoformat() if row.last_day else "",
            notes=_("Local time in Finland (Europe/Helsinki)."),
        )
        for place, row in enumerate(whole.opening_hours.all())
    ]


def _at_locations(service: SharedService) -> list[dict[str, Any]]:
    if service.place is None or service.delivery == Delivery.REMOTE:
        return []
    location = location_row(service.place) if service.usable else town_row(service.place.municipality)
    return [{"id": uuid_of(AT, service.pk), "location": location}]


def town_row(town: Municipality) -> dict[str, Any]:
    """Where about: for those who may know no more."""
    return filled(id=uuid_of(TOWN, town.pk), location_type="physical", **names(town), latitude=town.latitude, longitude=town.longitude)


def location_row(place: Place) -> dict[str, Any]:
    town = place.municipality
    latitude, longitude = place.position or (None, None)
    region = next((one.region.name for one in town.regions_now), town.name)
    address = {"id": uuid_of(ADDRESS, place.pk), "address_1": place.street_address, "city": town.name, "region": region, "state_province": region, "postal_code": place.postal_code, "country": COUNTRY, "address_type": "physical"}
    told = _accessibility(place)
    access = [{"id": uuid_of(ACCESS, place.pk), "description": told}] if told else []
    return filled(id=uuid_of(PLACE, place.pk), location_type="physical", **names(place), latitude=latitude, longitude=longitude, addresses=[address], accessibility=access)


def _accessibility(place: Place) -> str:
    sayings = (
        (place.step_free, _("Step-free entrance."), _("No step-free entrance.")),
        (place.accessible_toilet, _("Accessible toilet."), _("No accessible toilet.")),
        (place.lift, _("Lift to every floor in use."), _("No lift to every floor in use.")),
        (place.induction_loop, _("Induction loop."), _("No induction loop.")),
    )
    return " ".join(filter(None, [*((yes if known else no) for known, yes, no in sayings if known is not None), in_words(place, "access_note")]))


def organizations_of(services: QuerySet[SharedService]) -> QuerySet[Organisation]:
    """Those that offer one of the services."""
    return Organisation.objects.filter(pk__in=services.order_by().values("organisation")).select_related("part_of").defer("loaded", "search_words", "part_of__loaded")


def rows_of(services: Iterable[SharedService]) -> list[dict[str, Any]]:
    return [service_row(service) for service in services]
