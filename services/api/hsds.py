"""The shared services by the Human Services Data Specification, HSDS 3.0: the addresses of its API, and all of it in one file.

The same readers as in the API: without a key that a service exists, with one of an organisation what is offered to it.
"""
import json
import zipfile
from io import BytesIO
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.addresses import in_public_name
from pilots.api.base import ReadView, whole_number
from pilots.words import matching
from services.api.catalogue import readable_services
from services.api.hsds_rows import ORGANIZATION, SERVICE, for_hsds, key_of, organization_row, organizations_of, rows_of, service_row
from services.models import SharedService

PAGE, SIZE = "page", "per_page"
ROWS_A_PAGE, MOST_ROWS, MOST_PAGES = 25, 100, 1000
# Of the one file; more are read page by page.
MOST_IN_FILE = 5000
STANDARD = "https://raw.githubusercontent.com/openreferral/specification/3.0/schema/openapi.json"


class HsdsView(ReadView):
    def services(self) -> QuerySet[SharedService]:
        return readable_services(self.request.auth)

    def page(self, rows: QuerySet, row: Any) -> Response:
        """As the standard has it: with a count, so by number."""
        given = self.request.query_params
        size = whole_number(given, SIZE, ROWS_A_PAGE, MOST_ROWS)
        number = whole_number(given, PAGE, 1, MOST_PAGES)
        pages = Paginator(rows.order_by("pk"), size)
        contents = [row(one) for one in pages.page(number)] if number <= pages.num_pages else []
        return Response({"total_items": pages.count, "total_pages": pages.num_pages, "page_number": number, "size": len(contents), "first_page": number == 1, "last_page": number >= pages.num_pages, "empty": not contents, "contents": contents})


class Base(HsdsView):
    def get(self, request: Request) -> Response:
        return Response({"version": "3.0", "profile": "https://docs.openreferral.org/en/v3.0.1/hsds/", "openapi_url": STANDARD})


class Services(HsdsView):
    parameters = ("search", "organization_id", PAGE, SIZE)

    def get(self, request: Request) -> Response:
        rows, given = self.services(), request.query_params
        if text := given.get("search", ""):
            if not text.isprintable() or len(text) > 200:
                raise exceptions.ValidationError({"search": [_("Do not write more than 200 characters, or any that are invisible.")]})
            # Of a service that is not offered to the reader its name alone is searched.
            rows = rows.filter(Q(name_fi__icontains=text) | Q(name_sv__icontains=text) | Q(usable=True) & matching(text))
        if text := given.get("organization_id", ""):
            try:
                rows = rows.filter(organisation=key_of(ORGANIZATION, UUID(text)))
            except ValueError:
                raise exceptions.ValidationError({"organization_id": [_("Write a UUID.")]}) from None
        return self.page(for_hsds(rows), lambda one: service_row(one, full=False))


class Service(HsdsView):
    def get(self, request: Request, key: UUID) -> Response:
        found = for_hsds(self.services()).filter(pk=key_of(SERVICE, key)).first()
        if found is None:
            raise Http404
        return Response(service_row(found))


class Organizations(HsdsView):
    parameters = (PAGE, SIZE)

    def get(self, request: Request) -> Response:
        return self.page(organizations_of(self.services()), organization_row)


class Organization(HsdsView):
    def get(self, request: Request, key: UUID) -> Response:
        found = organizations_of(self.services()).filter(pk=key_of(ORGANIZATION, key)).first()
        if found is None:
            raise Http404
        return Response(organization_row(found))


class Bulk(HsdsView):
    """All in one ZIP: services with their tables, and organizations, each a JSON array."""

    def get(self, request: Request) -> HttpResponse:
        services, file = self.services(), BytesIO()
        if services.count() > MOST_IN_FILE:
            raise exceptions.NotFound
        tables = {"services": rows_of(for_hsds(services).order_by("pk")), "organizations": [organization_row(one) for one in organizations_of(services).order_by("pk")]}
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, rows in tables.items():
                # The same content is the same file: no time of day in it.
                archive.writestr(zipfile.ZipInfo(f"{name}.json", (2020, 1, 1, 0, 0, 0)), json.dumps(rows, ensure_ascii=False), zipfile.ZIP_DEFLATED)
        return HttpResponse(file.getvalue(), content_type="application/zip", headers={"Content-Disposition": 'attachment; filename="kopa-hsds.zip"', "Link": f'<{in_public_name("/hsds/")}>; rel="up"'})
