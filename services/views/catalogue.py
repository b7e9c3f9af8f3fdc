"""The catalogue: what organisations offer to each other, open to everyone as far as its owners let it be."""
import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from pilots.choices import PublicationState
from pilots.models.base import sort_field
from pilots.queries.keyset import KeysetPage
from pilots.views.listing import filter_context
from services.actions.wrong import tell_wrong
from services.choices import Audience, RoundState, ServiceKind
from services.filters import canonical_query, catalogue_choices, catalogue_filter
from services.forms.catalogue import WrongForm
from services.forms.outcomes import INVALID, posted, refused
from services.models import SharedService
from services.permissions import may_book, may_manage_service, may_offer
from services.queries.agreements import agreements_on
from services.queries.answering import answer_time
from services.queries.catalogue import SHOWN_WITH, known_services
from services.queries.courses import runs_of
from services.queries.finding import with_favourites
from services.queries.listed import listed_page, listed_services, read_offered
from services.queries.offering import last_confirmed, parts_of
from services.queries.related import services_like
from services.wording import week_of_hours


@require_safe
def service_list(request: HttpRequest) -> HttpResponse:
    """By name, and by the key of the row after which it goes on: no page number, and counted as far as a thousand."""
    offered = read_offered(request.acting)
    rows = listed_services(request.acting, offered.chosen)
    filterset = catalogue_filter(request.acting, request.GET, rows, catalogue_choices(request.acting, offered))
    page = listed_page(filterset.qs, request.acting, known=rows, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    context = filter_context(filterset) | {"page_obj": page, "page": page, "count_text": count_words(page), "may_offer": may_offer(request.acting)}
    context |= {"query": canonical_query(filterset), "here": request.get_full_path()}
    return render(request, "services/service_list.html", context)


def count_words(page: KeysetPage) -> str:
    if page.count > page.most:
        return _("More than %(count)s shared services") % {"count": page.most}
    return ngettext("%(count)s shared service", "%(count)s shared services", page.count) % {"count": page.count}


@require_safe
def service_detail(request: HttpRequest, pk: int) -> HttpResponse:
    service = _visible(request, pk)
    context = {
        "breadcrumbs": [(_("Shared services"), reverse("services:service_list")), (service.name, None)],
        "service": service,
        "photo": getattr(service, "photo", None),
        "may_manage": may_manage_service(request.acting, service),
        "runs": runs_of(service, timezone.localdate()) if service.kind == ServiceKind.COURSE and service.usable else None,
        # To the owner only when there are any; to the others the way to one.
        "agreements": (agreements_on(request.acting, service) or (None if may_manage_service(request.acting, service) else [])) if service.usable and may_offer(request.acting) else None,
        "may_book": service.usable and may_book(request.acting, service),
        "open_rounds": list(service.term_rounds.filter(state=RoundState.OPEN, wishes_until__gte=timezone.localdate())[:3]) if service.usable and service.resource_id and may_offer(request.acting) else [],
        "may_post_need": may_offer(request.acting) and not may_manage_service(request.acting, service),
    }
    if service.usable:
        context |= facts_of(service) | {"audience": audience_of(service) if context["may_manage"] else []}
        context["like"] = services_like(service, context["education_forms"], request.acting)
    return render(request, "services/service_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def service_wrong(request: HttpRequest, pk: int) -> HttpResponse:
    if request.acting is None:
        raise PermissionDenied
    service = _visible(request, pk)
    form = WrongForm(posted(request), initial={"token": uuid.uuid4()})
    if form.is_valid():
        try:
            tell_wrong(by=request.acting, service=service, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Thank you. Your message is on its way to those who handle the service."))
            return redirect(service)
    breadcrumbs = [(_("Shared services"), reverse("services:service_list")), (service.name, service.get_absolute_url()), (_("This is wrong"), None)]
    context = {"form": form, "service": service, "cancel_url": service.get_absolute_url(), "breadcrumbs": breadcrumbs}
    return render(request, "services/service_wrong.html", context, status=INVALID if form.errors else 200)


def facts_of(service: SharedService) -> dict:
    """What those who may use the service read of it; five queries."""
    hours = list(service.resource.opening_hours.all()) if service.resource else []
    return {
        "education_forms": list(service.education_forms.order_by("position")),
        "models": list(service.cooperation_models.filter(state=PublicationState.PUBLIC).order_by(sort_field())),
        "parts": list(parts_of(service.resource)) if service.resource else [],
        "hours": week_of_hours(hours),
        "weekly_hours": service.resource.weekly_minutes / 60 if service.resource and service.resource.weekly_minutes else None,
        "answers": answer_time(service, timezone.now()) if service.resource else None,
        "confirmed": last_confirmed(service),
    }


def audience_of(service: SharedService) -> list:
    """Those for whom it was chosen, when it was."""
    if service.audience != Audience.CHOSEN:
        return []
    return [*service.for_areas.all(), *service.for_municipalities.all(), *service.for_organisations.all()]


def _visible(request: HttpRequest, pk: int) -> SharedService:
    return get_object_or_404(with_favourites(known_services(request.acting), request.acting).select_related(*SHOWN_WITH, "contact", "resource__place__municipality"), pk=pk)
