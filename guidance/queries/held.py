"""What is held of a client: a walk of what the models declare (accounts/personal.py), so that a new model comes along by itself."""
from collections.abc import Collection, Iterator

from django.db.models import Model, QuerySet

from accounts.personal import Personal, Who, declared
from guidance.models import Client, Pathway


def held_models() -> Iterator[tuple[type[Model], Personal]]:
    """Every table whose rows are found from the client."""
    for model, personal in declared():
        if personal.of == Who.CLIENT and personal.route:
            yield model, personal


def rows_of(client: Client, model: type[Model], personal: Personal, organisation_id: int | None = None) -> QuerySet:
    """A client's rows in one table; with an organisation those that it is the controller of."""
    rows = model._default_manager.filter(**{f"{personal.route}": client.pk})
    return (rows.filter(**{personal.controller: organisation_id}) if organisation_id else rows).distinct().order_by("pk")


def rows_with(model: type[Model], personal: Personal, pathways: Collection[int], client_id: int | None = None) -> QuerySet:
    """The rows that go with these pathways, and with the client where the client goes too."""
    if model is Pathway:
        return Pathway.objects.filter(pk__in=pathways)
    route = personal.route or ""
    if route.endswith("pathway__client"):
        return model._default_manager.filter(**{f"{route.removesuffix('__client')}__in": pathways})
    return model._default_manager.filter(**{route: client_id}) if client_id else model._default_manager.none()


def controllers_of(client: Client) -> set[int]:
    """The organisations that answer for some row."""
    found: set[int | None] = set()
    for model, personal in held_models():
        found |= set(rows_of(client, model, personal).order_by().values_list(personal.controller, flat=True))
    return {one for one in found if one}
