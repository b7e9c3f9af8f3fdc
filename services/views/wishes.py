"""Wishes of the own organisation in a round."""
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from pilots.choices import Permission
from pilots.permissions import permission_required
from services.actions.wishes import add_wish, edit_wish, raise_wish, remove_wish
from services.conflicts import Conflict
from services.forms.offering import VersionForm
from services.forms.outcomes import INVALID, posted, refused
from services.forms.rounds import WishForm
from services.models import TermRound, Wish
from services.queries.rounds import get_round, get_wish
from services.views.conflicts import Theirs, changed_page, over_theirs

HANDLE = permission_required(Permission.HANDLE_SERVICES)
CHANGED = 409


@require_http_methods(["GET", "HEAD", "POST"])
@HANDLE
def wish_add(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_round(request.acting, pk)
    form, status = WishForm(posted(request), by=request.acting, round=found, service=request.GET.get("service", "")), 200
    if form.is_valid():
        try:
            add_wish(by=request.acting, round=found, token=form.cleaned_data["token"], **form.values())
        except Conflict as conflict:
            status = _kept(form, conflict)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Your wish is stored as your last one. Move it up if others matter less."))
            return redirect(found)
    elif request.method != "POST" and not found.takes_wishes():
        return changed_page(request, Conflict(found, _("This round takes no wishes now.")), found.get_absolute_url())
    return _form_page(request, form, found, _("Wish for a time"), status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@HANDLE
def wish_edit(request: HttpRequest, pk: int) -> HttpResponse:
    wish = _own_wish(request, pk)
    if request.method != "POST" and not wish.round.takes_wishes():
        return changed_page(request, Conflict(wish.round, _("This round takes no wishes now.")), wish.round.get_absolute_url())
    form, status, theirs = WishForm(posted(request), by=request.acting, round=wish.round, wish=wish), 200, None
    if form.is_valid():
        try:
            edit_wish(by=request.acting, wish=wish, version=form.cleaned_data["version"], **form.values())
        except Conflict as conflict:
            current = Wish.objects.filter(pk=wish.pk).first()
            if current and conflict.obj.takes_wishes():
                status, theirs = CHANGED, over_theirs(form, WishForm(by=request.acting, round=wish.round, wish=current), current)
            else:
                status = _kept(form, conflict)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(wish.round)
    return _form_page(request, form, wish.round, _("Change the wish"), status=status, theirs=theirs)


def _kept(form: WishForm, conflict: Conflict) -> int:
    """What was typed stays on the page, under what has happened."""
    form.add_error(None, conflict.message)
    return CHANGED


@require_POST
@HANDLE
def wish_raise(request: HttpRequest, pk: int) -> HttpResponse:
    return _change(request, pk, raise_wish, _("Moved up."))


@require_POST
@HANDLE
def wish_remove(request: HttpRequest, pk: int) -> HttpResponse:
    return _change(request, pk, remove_wish, _("Taken away. The wishes after it have moved up."))


def _change(request: HttpRequest, pk: int, act, said: str) -> HttpResponse:
    wish = _own_wish(request, pk)
    form = VersionForm(request.POST)
    if form.is_valid():
        try:
            act(by=request.acting, wish=wish, version=form.cleaned_data["version"])
        except Conflict as conflict:
            return changed_page(request, conflict, wish.round.get_absolute_url())
        messages.success(request, said)
    return redirect(wish.round)


def _own_wish(request: HttpRequest, pk: int) -> Wish:
    wish = get_wish(request.acting, pk)
    if wish.organisation_id != request.acting.organisation_id:
        raise Http404
    return wish


def _form_page(request: HttpRequest, form: WishForm, found: TermRound, title: str, *, status: int, theirs: Theirs | None = None) -> HttpResponse:
    way = [(_("Shared services"), reverse("services:service_list")), (_("Term rounds"), reverse("services:round_list")), (found.name, found.get_absolute_url()), (title, None)]
    context = {"form": form, "title": title, "round": found, "cancel_url": found.get_absolute_url(), "theirs": theirs, "breadcrumbs": way}
    return render(request, "services/wish_form.html", context, status=INVALID if status == 200 and form.errors else status)
