"""The register of what the law already allows."""
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from pilots.actions.lawful import say_which_use
from pilots.choices import PublicationState
from pilots.forms.obstacles import UsingForm
from pilots.models import CooperationModel, LawfulCooperation
from pilots.permissions import may_propose
from pilots.queries.cooperation import own_models


@require_safe
def lawful_list(request: HttpRequest) -> HttpResponse:
    public = CooperationModel.objects.filter(state=PublicationState.PUBLIC).only("name_fi", "name_sv", "slug")
    rows = list(LawfulCooperation.objects.prefetch_related(Prefetch("models_using", public, to_attr="shown_models")))
    context = {
        "checked": [row for row in rows if row.is_checked],
        "unchecked": [row for row in rows if not row.is_checked],
        "may_tell": may_propose(request.acting),
        "breadcrumbs": [(_("Obstacles and proposals"), reverse("pilots:obstacle_list")), (_("What the law already allows"), None)],
    }
    return render(request, "pilots/lawful_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def lawful_models(request: HttpRequest, slug: str) -> HttpResponse:
    if not may_propose(request.acting):
        raise PermissionDenied
    lawful = get_object_or_404(LawfulCooperation, slug=slug)
    own = {model.pk: model.name for model in own_models(request.acting)}
    form = UsingForm(request.POST if request.method == "POST" else None, own=own, initial={"models": list(lawful.models_using.values_list("pk", flat=True))})
    if form.is_valid():
        say_which_use(by=request.acting, form=lawful, model_ids=form.cleaned_data["models"])
        messages.success(request, _("The register shows now which of your models use this form of cooperation."))
        return redirect(lawful)
    crumbs = [(_("What the law already allows"), reverse("pilots:lawful_list")), (lawful.name, None)]
    context = {"form": form, "lawful": lawful, "has_models": bool(own), "cancel_url": lawful.get_absolute_url(), "breadcrumbs": crumbs}
    return render(request, "pilots/lawful_models.html", context, status=422 if form.errors else 200)
