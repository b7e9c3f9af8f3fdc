"""Education options of a pathway, compared and chosen with the client; learning at workplaces and work beside them."""
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from guidance.actions.options import add_option, add_work_period, add_workplace_period, change_option_state, edit_option, end_period
from guidance.choices import OPTION_MOVES, OptionState
from guidance.forms.options import OptionForm, OptionMoveForm, PeriodEndForm, WorkForm, WorkplaceForm, next_states
from guidance.forms.outcomes import refused
from guidance.models import EducationOption, WorkPeriod, WorkplacePeriod
from guidance.permissions import may_see_protected_details
from guidance.reading import client_page, get_pathway_for
from guidance.views.pathways import back_to, breadcrumbs, conflict, form_page, get_of, page_of, posted
from services.conflicts import Conflict

OPTIONS = EducationOption.objects.select_related("provider")


@require_safe
@client_page
def option_compare(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """The options that may still come to something, side by side."""
    page = page_of(request, pseudonym)
    rows = [(option, OptionState.CHOSEN in OPTION_MOVES[option.state]) for option in page.compared]
    context = {"page": page, "pathway": page.pathway, "options": page.compared, "choosable": rows, "breadcrumbs": breadcrumbs(page.pathway, (_("Compare the options"), ""))}
    return render(request, "guidance/option_compare.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def option_add(request: HttpRequest, pseudonym: str) -> HttpResponse:
    pathway = get_pathway_for(request, pseudonym)
    form = OptionForm(posted(request), pathway=pathway, shows_protected=True)
    if form.is_valid():
        try:
            add_option(by=request.acting, pathway=pathway, token=form.cleaned_data["token"], **form.values())
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The option is under consideration. Compare it with the others and choose together with the client."))
            return back_to(pathway)
    return form_page(request, "guidance/option_form.html", pathway, form, _("Add an option"))


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def option_change(request: HttpRequest, pseudonym: str, pk: int) -> HttpResponse:
    """The facts of an option, and the states it can go to."""
    pathway = get_pathway_for(request, pseudonym)
    option = get_of(pathway, OPTIONS, pk)
    form = OptionForm(posted(request), pathway=pathway, option=option, shows_protected=may_see_protected_details(request.acting, pathway))
    if form.is_valid():
        try:
            edit_option(by=request.acting, option=option, seen_at=_moment(form.cleaned_data["seen_at"]), **form.values())
        except Conflict as error:
            return conflict(request, error, pathway)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Saved."))
            return back_to(pathway)
    return form_page(request, "guidance/option_form.html", pathway, form, _("Change the option"), option=option, moves=next_states(option))


def _moment(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def option_move(request: HttpRequest, pseudonym: str, pk: int) -> HttpResponse:
    """One move of the table of states; "not admitted" opens a next step by itself."""
    pathway = get_pathway_for(request, pseudonym)
    option = get_of(pathway, OPTIONS, pk)
    target = (request.POST if request.method == "POST" else request.GET).get("target", "")
    if target not in OptionState.values or (target not in OPTION_MOVES[option.state] and target != option.state):
        messages.error(request, _("The option cannot go to that state from where it is now."))
        return back_to(pathway)
    form = OptionMoveForm(posted(request), option=option, target=target, shows_protected=may_see_protected_details(request.acting, pathway))
    if form.is_valid():
        try:
            change_option_state(by=request.acting, option=option, state=target, expected=option.state, **form.values())
        except Conflict as error:
            return conflict(request, error, pathway)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _said_of(target))
            return back_to(pathway)
    title = _("%(option)s: %(state)s") % {"option": option.title, "state": OptionState(target).label}
    return form_page(request, "guidance/option_move.html", pathway, form, title, option=option)


def _said_of(target: str) -> str:
    return {
        OptionState.CHOSEN: _("The option is chosen with the client. Next: apply."),
        OptionState.APPLIED: _("The application is written down. Next: the answer."),
        OptionState.ADMITTED: _("Admitted. Next: the start date and the decision on the benefit."),
        OptionState.NOT_ADMITTED: _("Not admitted. A next step to look for another way has been added."),
        OptionState.STARTED: _("The studies have started. Next: check-ins during the studies."),
        OptionState.COMPLETED: _("Completed. Next: move the pathway to the stage that follows."),
    }.get(target, _("Saved."))


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def workplace_add(request: HttpRequest, pseudonym: str) -> HttpResponse:
    pathway = get_pathway_for(request, pseudonym)
    return _period_form(request, pathway, WorkplaceForm(posted(request), pathway=pathway), _("Add a learning period with an employer"), add_workplace_period)


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def work_add(request: HttpRequest, pseudonym: str) -> HttpResponse:
    pathway = get_pathway_for(request, pseudonym)
    return _period_form(request, pathway, WorkForm(posted(request)), _("Add work"), add_work_period)


def _period_form(request: HttpRequest, pathway, form, title: str, action) -> HttpResponse:
    if form.is_valid():
        try:
            action(by=request.acting, pathway=pathway, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Saved. Write the end when it comes."))
            return back_to(pathway)
    return form_page(request, "guidance/work_form.html", pathway, form, title)


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def workplace_end(request: HttpRequest, pseudonym: str, pk: int) -> HttpResponse:
    return _period_end(request, pseudonym, WorkplacePeriod.objects.all(), pk)


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def work_end(request: HttpRequest, pseudonym: str, pk: int) -> HttpResponse:
    return _period_end(request, pseudonym, WorkPeriod.objects.all(), pk)


def _period_end(request: HttpRequest, pseudonym: str, rows, pk: int) -> HttpResponse:
    pathway = get_pathway_for(request, pseudonym)
    period = get_of(pathway, rows, pk)
    form = PeriodEndForm(posted(request), initial={"ends_on": period.ends_on})
    if form.is_valid():
        try:
            end_period(by=request.acting, period=period, ends_on=form.cleaned_data["ends_on"])
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Saved."))
            return back_to(pathway)
    return form_page(request, "guidance/work_form.html", pathway, form, _("Write the end"))
