"""A partnership's programmes, written by its lead. No client is on these pages: of those who have a measure they show a number only."""
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from guidance.actions.programmes import add_programme, edit_programme, end_programme, resume_programme
from guidance.forms.outcomes import refused
from guidance.forms.programmes import EndProgrammeForm, ProgrammeForm
from guidance.models import Partnership, Programme
from guidance.queries.programmes import clients_who_have
from guidance.views.partnerships import changed_page, done, form_page_of, partnership_form
from guidance.views.pathways import posted
from pilots.models import Organisation
from services.conflicts import Conflict


@partnership_form
def programme_add(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    form = ProgrammeForm(posted(request), owners=[], organisations=_organisations(partnership, []))
    if form.is_valid():
        try:
            add_programme(by=request.acting, partnership=partnership, **_fields(form))
        except ValidationError as error:
            refused(form, error)
        else:
            return done(request, partnership, _("The programme is in its place on the partnership's page."))
    return form_page_of(request, partnership, "guidance/programme_form.html", _("Add a programme or service"), form, programme=None)


@partnership_form
def programme_edit(request: HttpRequest, partnership: Partnership, pk: int) -> HttpResponse:
    programme = _get(partnership, pk)
    owners = list(programme.run_by.all())
    form = ProgrammeForm(posted(request), programme=programme, owners=[one.pk for one in owners], organisations=_organisations(partnership, owners))
    if form.is_valid():
        try:
            edit_programme(by=request.acting, programme=programme, seen=form.cleaned_data["seen"], **_fields(form))
        except Conflict as conflict:
            return changed_page(request, conflict)
        except ValidationError as error:
            refused(form, error)
        else:
            return done(request, partnership, _("Saved."))
    return form_page_of(request, partnership, "guidance/programme_form.html", _("Edit the programme"), form, programme=programme)


@partnership_form
def programme_end(request: HttpRequest, partnership: Partnership, pk: int) -> HttpResponse:
    programme = _get(partnership, pk)
    form = EndProgrammeForm(posted(request))
    if form.is_valid():
        try:
            end_programme(by=request.acting, programme=programme, ended_on=form.cleaned_data["ended_on"])
        except ValidationError as error:
            refused(form, error)
        else:
            return done(request, partnership, _("It is shown as past now, and given to nobody new."))
    return form_page_of(request, partnership, "guidance/programme_end.html", _("End the programme"), form, programme=programme, clients=clients_who_have(programme))


@require_POST
@partnership_form
def programme_resume(request: HttpRequest, partnership: Partnership, pk: int) -> HttpResponse:
    programme = _get(partnership, pk)
    try:
        resume_programme(by=request.acting, programme=programme)
    except ValidationError:
        raise Http404 from None  # the lead has changed since the page was asked for
    return done(request, partnership, _("It is offered again."))


def _get(partnership: Partnership, pk: int) -> Programme:
    programme = partnership.programmes.filter(pk=pk).first()
    if programme is None:
        raise Http404
    return programme


def _organisations(partnership: Partnership, owners: list[Organisation]) -> list[Organisation]:
    """Who can be said to run it: the parts, and whoever is named already."""
    parts = [part.organisation for part in partnership.parts.select_related("organisation")]
    return list({one.pk: one for one in (*parts, *owners)}.values())


def _fields(form: ProgrammeForm) -> dict:
    return {name: value for name, value in form.cleaned_data.items() if name != "seen"}
