"""The provisions of law that grounds are chosen from. Nothing here is about a client, and nothing is read of one."""
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from guidance.actions.legal import write_ground
from guidance.forms.legal import LegalGroundForm
from guidance.forms.outcomes import refused
from guidance.models import LegalGround
from guidance.queries.legal import versions
from guidance.views.conflicts import conflict_page
from pilots.choices import Permission
from pilots.permissions import may, permission_required
from services.conflicts import Conflict

FORM = ["GET", "HEAD", "POST"]


@require_safe
@login_required
def legal_list(request: HttpRequest) -> HttpResponse:
    context = {"provisions": versions(), "may_keep": may(request.acting, Permission.KEEP_PROVISIONS), "breadcrumbs": [(_("Provisions of law"), None)]}
    return render(request, "guidance/legal_list.html", context)


@require_http_methods(FORM)
@permission_required(Permission.KEEP_PROVISIONS)
def legal_add(request: HttpRequest) -> HttpResponse:
    return _form(request, LegalGroundForm(request.POST or None), None)


@require_http_methods(FORM)
@permission_required(Permission.KEEP_PROVISIONS)
def legal_edit(request: HttpRequest, slug: str) -> HttpResponse:
    ground = get_object_or_404(LegalGround.objects.current(), slug=slug)
    return _form(request, LegalGroundForm(request.POST or None, instance=ground, initial={"replaces": ground.version}), ground)


def _form(request: HttpRequest, form: LegalGroundForm, ground: LegalGround | None) -> HttpResponse:
    if form.is_valid():
        try:
            write_ground(by=request.acting, slug=ground.slug if ground else form.slug, **form.cleaned_data)
        except Conflict as conflict:
            return conflict_page(request, conflict, back_url=reverse("guidance:legal_list"), back_label=_("Look at the provisions as they are now"))
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Saved. What rests on an earlier version keeps it."))
            return redirect("guidance:legal_list")
    title = _("Change a provision") if ground else _("Add a provision")
    context = {"form": form, "title": title, "cancel_url": reverse("guidance:legal_list"), "breadcrumbs": [(_("Provisions of law"), reverse("guidance:legal_list")), (title, None)]}
    return render(request, "guidance/legal_form.html", context, status=422 if form.errors else 200)
