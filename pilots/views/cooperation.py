"""Cooperation models: their list, each one's page, its history, and a copy beside its origin."""
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from accounts.templatetags.kopa import content_in, page_language
from pilots.choices import PUBLICATION_MOVES, Permission, PublicationState
from pilots.filters import named
from pilots.filters.cooperation import CooperationFilterSet
from pilots.models import CooperationModel
from pilots.permissions import Acting, may, may_keep
from pilots.queries import network
from pilots.queries.changes import differences, model_history
from pilots.queries.cooperation import crossed_municipalities, get_model, listed_models, own_models, partners_of
from pilots.queries.related import models_like, obstacles_like
from pilots.registries import model_sections
from pilots.views.discussion import discussion_context
from pilots.views.history import timeline_of
from pilots.views.listing import LargePaginator, list_context


def crumbs(model: CooperationModel | None, own: str = "") -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = [(_("Cooperation models"), reverse("pilots:model_list"))]
    if model is not None:
        found.append((model.name, model.get_absolute_url() if own else None))
    return [*found, (own, None)] if own else found


def may_write(acting: Acting) -> bool:
    return may(acting, Permission.EDIT_OWN_AREA) and acting.area_id is not None


def keeps(acting: Acting) -> bool:
    """Who has a list of their own."""
    return may(acting, Permission.EDIT_OWN_AREA) or may(acting, Permission.MODERATE)


@require_safe
def model_list(request: HttpRequest) -> HttpResponse:
    areas = named(network.areas_in_order(), "slug")
    goals = [(str(goal.number), f"{goal.number}. {content_in(goal, 'title', page_language())[0]}") for goal in network.goals()]
    filterset = CooperationFilterSet(request.GET, listed_models(), goal=goals, form=named(network.education_forms(), "code"), area=areas)
    context = list_context(request, filterset.qs, filterset, paginator=LargePaginator)
    return render(request, "pilots/model_list.html", context | {"count_text": _count_words(context), "may_write": may_write(request.acting), "keeps": keeps(request.acting)})


@require_safe
@login_required
def model_own(request: HttpRequest) -> HttpResponse:
    """Drafts and archived ones too; those whose day of checking has passed come first."""
    if not keeps(request.acting):
        raise PermissionDenied
    context = list_context(request, own_models(request.acting).order_by("check_by", "sort_key_fi", "pk"))
    return render(request, "pilots/model_own.html", context | {"count_text": _count_words(context), "may_write": may_write(request.acting), "breadcrumbs": crumbs(None, _("Our models"))})


def _count_words(context: dict) -> str:
    count = context["page_obj"].paginator.count
    return ngettext("%(count)s cooperation model", "%(count)s cooperation models", count) % {"count": count}


@require_safe
def model_detail(request: HttpRequest, pk: int) -> HttpResponse:
    model = get_model(request.acting, pk)
    context = page_of(model) | discussion_context(request, model)
    origin = model.copied_from
    kind = {"forms": context["education_forms"], "goals": [row.goal for row in context["served"]]}
    context |= {
        "law": list(model.lawful_forms.defer("loaded", "search_words")),
        "like": {"models": models_like(**kind, but=model.pk), "obstacles": obstacles_like(**kind)},
        "breadcrumbs": crumbs(model),
        "may_edit": may_keep(request.acting, model),
        "may_copy": may_write(request.acting) and model.state == PublicationState.PUBLIC and model.area_id != request.acting.area_id,
        "moves": [(move.value, MOVE_WORDS[move]) for move in PUBLICATION_MOVES[PublicationState(model.state)]],
        "origin": origin if origin and origin.state != PublicationState.DRAFT else None,
        "copies": list(model.copies.filter(state=PublicationState.PUBLIC).select_related("area", "organisation")[:20]),
        "more": [section for ask in model_sections if (section := ask(request, model))],
    }
    return render(request, "pilots/model_detail.html", context)


MOVE_WORDS = {PublicationState.PUBLIC: gettext_lazy("Publish"), PublicationState.ARCHIVED: gettext_lazy("Archive")}


def page_of(model: CooperationModel) -> dict:
    """All that the page shows of the model itself."""
    partners = partners_of(model)
    municipalities, stated = crossed_municipalities(model, partners)
    periods = list(model.statuses.all())
    results = list(model.results.all())
    return {
        "model": model,
        "partners": partners,
        "has_money": any(partner.euros is not None or partner.contribution_fi for partner in partners),
        "municipalities": municipalities,
        "municipalities_stated": stated,
        "education_forms": list(model.education_forms.order_by("position")),
        "served": list(model.served_goals.select_related("goal")),
        "periods": periods,
        "status": next((period for period in periods if period.ends_on is None), None),
        "results": results,
        "links": list(model.links.all()),
        "files": list(model.files.all()),
        "contact": model.contact if model.contact and model.contact.ended_on is None else None,
    }


@require_safe
def model_history_page(request: HttpRequest, pk: int) -> HttpResponse:
    model = get_model(request.acting, pk)
    names_people = request.acting is not None
    context = {
        "model": model,
        "timeline": timeline_of(model_history(model, with_people=names_people)),
        "names_people": names_people,
        "breadcrumbs": crumbs(model, _("History")),
    }
    return render(request, "pilots/model_history.html", context)


@require_safe
def model_differences(request: HttpRequest, pk: int) -> HttpResponse:
    """A copy beside its origin as both are now, in what the two share."""
    model = get_model(request.acting, pk)
    origin = model.copied_from
    if origin is None or origin.state == PublicationState.DRAFT:
        raise Http404
    context = {
        "model": model,
        "origin": origin,
        "changes": differences(origin, model),
        "today": timezone.localdate(),
        "breadcrumbs": crumbs(model, _("Differences from the origin")),
    }
    return render(request, "pilots/model_differences.html", context)
