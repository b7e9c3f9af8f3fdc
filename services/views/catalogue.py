"""The catalogue: what organisations offer to each other, open to everyone as far as its owners let it be."""
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from pilots.filters import named
from pilots.models.base import sort_field
from pilots.queries.network import education_forms
from pilots.views.listing import list_context
from services.choices import Publication, ServiceKind
from services.filters import ServiceFilterSet
from services.permissions import may_manage_service
from services.queries.catalogue import SHOWN_WITH, visible_services
from services.queries.courses import runs_of


@require_safe
def service_list(request: HttpRequest) -> HttpResponse:
    rows = visible_services(request.acting).filter(state=Publication.PUBLIC).select_related(*SHOWN_WITH)
    filterset = ServiceFilterSet(request.GET, rows, form=named(education_forms(), "code"))
    context = list_context(request, filterset.qs.order_by(sort_field(), "pk"), filterset)
    count = context["page_obj"].paginator.count
    context["count_text"] = ngettext("%(count)s shared service", "%(count)s shared services", count) % {"count": count}
    return render(request, "services/service_list.html", context)


@require_safe
def service_detail(request: HttpRequest, pk: int) -> HttpResponse:
    service = get_object_or_404(visible_services(request.acting).select_related(*SHOWN_WITH, "contact"), pk=pk)
    context = {
        "breadcrumbs": [(_("Shared services"), reverse("services:service_list")), (service.name, None)],
        "service": service,
        "education_forms": list(service.education_forms.all()) if service.usable else [],
        "may_manage": may_manage_service(request.acting, service),
        "runs": runs_of(service, timezone.localdate()) if service.kind == ServiceKind.COURSE and service.usable else None,
    }
    return render(request, "services/service_detail.html", context)
