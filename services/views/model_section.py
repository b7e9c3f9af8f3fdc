"""The part of a cooperation model's page that tells which shared services belong to it."""
from django.http import HttpRequest

from pilots.models import CooperationModel
from pilots.registries import PageSection
from services.queries.catalogue import known_services

MOST_SHOWN = 50


def services_of_model(request: HttpRequest, model: CooperationModel) -> PageSection | None:
    """Those of which the reader may know. One query."""
    services = list(known_services(request.acting).filter(cooperation_models=model).select_related("organisation")[:MOST_SHOWN])
    return PageSection("services/_model_services.html", {"services": services}) if services else None
