"""Contact people of a coordinator's own area."""
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from pilots.actions.editing import ChangedMeanwhile, add_contact, confirm_contact, edit_contact, end_contact
from pilots.forms.editing import ContactForm
from pilots.models import Contact, PilotArea
from pilots.queries.editing import CONTACT_FIELDS, get_area_to_edit, get_contact
from pilots.queries.history import version_of
from pilots.views.area_editing import breadcrumbs, edit_url
from pilots.views.conflicts import both_versions, conflict_page


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def contact_add(request: HttpRequest, slug: str) -> HttpResponse:
    area = get_area_to_edit(request.acting, slug)
    form = ContactForm(request.POST or None, initial={"version": 0, "confirmed_on": timezone.localdate()})
    if form.is_valid():
        form.cleaned_data.pop("version")
        try:
            contact = add_contact(by=request.acting, area_id=area.pk, values=form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("%(name)s was added and is now shown on the area's page under Whom to call.") % {"name": contact.name})
            return redirect(edit_url(area))
    return _form_page(request, area, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def contact_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    area = get_area_to_edit(request.acting, slug)
    contact = get_contact(area, pk)
    if contact.ended_on and request.method != "POST":
        raise Http404
    form = ContactForm(request.POST or None, initial=ContactForm.values_of(contact) | {"version": version_of(contact)})
    if form.is_valid():
        version = form.cleaned_data.pop("version")
        try:
            changed = edit_contact(by=request.acting, area_id=area.pk, contact_id=contact.pk, version=version, values=form.cleaned_data)
        except ChangedMeanwhile as conflict:
            return _conflict(request, area, conflict.current, version, form)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            if changed:
                messages.success(request, _("The details of %(name)s were saved.") % {"name": form.cleaned_data["name"]})
            else:
                messages.info(request, _("Nothing was saved, for nothing had changed."))
            return redirect(edit_url(area))
    return _form_page(request, area, form, contact)


@require_POST
@login_required
def contact_confirm(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    area = get_area_to_edit(request.acting, slug)
    contact = get_contact(area, pk)
    try:
        news = confirm_contact(by=request.acting, area_id=area.pk, contact_id=contact.pk)
    except ValidationError as error:
        messages.error(request, error.message)
    else:
        if news:
            messages.success(request, _("The details of %(name)s are now marked as confirmed today.") % {"name": contact.name})
        else:
            messages.info(request, _("The details of %(name)s had already been confirmed today.") % {"name": contact.name})
    return redirect(edit_url(area))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def contact_end(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    area = get_area_to_edit(request.acting, slug)
    contact = get_contact(area, pk)
    if request.method == "POST":
        try:
            end_contact(by=request.acting, area_id=area.pk, contact_id=contact.pk)
        except ValidationError as error:
            messages.info(request, error.message)
        else:
            messages.success(request, _("%(name)s is no longer shown as a contact person. The history keeps what was changed.") % {"name": contact.name})
        return redirect(edit_url(area))
    if contact.ended_on:
        raise Http404
    context = {"area": area, "contact": contact, "cancel_url": edit_url(area), "danger": True}
    return render(request, "pilots/contact_end.html", context | {"breadcrumbs": breadcrumbs(area, (_("Edit the area"), edit_url(area)), (contact.name, ""))})


def _form_page(request: HttpRequest, area: PilotArea, form: ContactForm, contact: Contact | None) -> HttpResponse:
    own = contact.name if contact else _("Add a contact person")
    context = {"area": area, "contact": contact, "form": form, "cancel_url": edit_url(area)}
    return render(request, "pilots/contact_edit.html", context | {"breadcrumbs": breadcrumbs(area, (_("Edit the area"), edit_url(area)), (own, ""))})


def _conflict(request: HttpRequest, area: PilotArea, current: Contact, version: int, form: ContactForm) -> HttpResponse:
    theirs = {name: getattr(current, name) for name in CONTACT_FIELDS}
    began_from = current.history.filter(history_id=version).first()
    base = {name: getattr(began_from, name) for name in CONTACT_FIELDS} if began_from else None
    sides = both_versions(Contact, CONTACT_FIELDS, base, form.cleaned_data, theirs)
    again = ContactForm(sides.data(request.POST, version=version_of(current)))
    return conflict_page(request, current, again, sides, breadcrumbs(area, (_("Edit the area"), edit_url(area))), edit_url(area))
