"""The register of what clients ask about their own data: the list of an organisation, one request, its answer, and a new one."""
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import npgettext
from django.views.decorators.http import require_http_methods, require_safe

from guidance.actions.rights import answer_request, extend_request, open_request
from guidance.choices import EXPORTED, LogAction, Purpose, RightsKind
from guidance.forms.outcomes import refused
from guidance.forms.rights import AnswerForm, ExtendForm, RequestForm
from guidance.models import RightsAnswer, RightsRequest
from guidance.queries.rights import answers_of, requests_of, row_of, to_carry_out
from guidance.reading import Refused, client_page, get_pathway_for
from guidance.views.conflicts import conflict_page
from guidance.views.pathways import INVALID, form_page, posted
from pilots.choices import Permission
from services.conflicts import Conflict

FORM = ["GET", "HEAD", "POST"]
ON_PAGE = 50
answering = client_page(purpose=Purpose.RIGHTS, permission=Permission.ANSWER_RIGHTS)


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_("Requests about own data"), reverse("guidance:rights_list") if more else ""), *more]


def own_part(request: HttpRequest, pk: int, action: str = LogAction.VIEW) -> RightsAnswer:
    """What the acting organisation answers of a request; one that was not put to it is refused like a missing one. Said to the read log."""
    answer = RightsAnswer.objects.select_related("request__pathway__client", "request__by__organisation", "organisation").filter(request=pk, organisation=request.acting.organisation_id).first()
    if answer is None:
        raise Refused(RightsRequest.objects.filter(pk=pk).values_list("pseudonym", flat=True))
    request.reading.show([answer.request], action=LogAction.CHANGE if request.method == "POST" else action)
    return answer


def page_about(request: HttpRequest, template: str, own: RightsAnswer, title: str, form=None, **context) -> HttpResponse:
    here = reverse("guidance:rights_detail", args=[own.request_id])
    context |= {"one": own.request, "own": own, "form": form, "title": title, "cancel_url": here, "breadcrumbs": crumbs((own.request.pseudonym, here), (title, ""))}
    return render(request, template, context, status=INVALID if form and form.is_bound and form.errors else 200)


@require_safe
@answering
def rights_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(requests_of(request.acting.organisation_id), ON_PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    rows = [row_of(answer, today) for answer in page]
    request.reading.show([row.request for row in rows], action=LogAction.LIST)
    count = page.paginator.count
    context = {"page_obj": page, "rows": rows, "count_text": npgettext("about own data", "%(count)d request", "%(count)d requests", count) % {"count": count}, "breadcrumbs": crumbs()}
    return render(request, "guidance/rights_list.html", context)


@require_safe
@answering
def rights_detail(request: HttpRequest, pk: int) -> HttpResponse:
    own = own_part(request, pk)
    today = timezone.localdate()
    context = {
        "one": own.request,
        "row": row_of(own, today),
        "rows": [row_of(answer, today) for answer in answers_of(own.request)],
        "own": own,
        "may_extend": own.answered_at is None and own.extended_at is None and today <= own.due_on,
        "exports": own.request.kind in EXPORTED and own.request.pathway_id is not None,
        "rectifies": own.request.kind == RightsKind.RECTIFICATION and own.request.pathway_id is not None,
        "carry_out": to_carry_out(own),
        "erases": own.request.kind == RightsKind.ERASURE and own.request.pathway_id is not None,
        "is_restricted": own.request.pathway is not None and own.request.pathway.restricted_at is not None and own.request.pathway.process_owner_id == request.acting.organisation_id,
        "breadcrumbs": crumbs((own.request.pseudonym, "")),
    }
    return render(request, "guidance/rights_detail.html", context)


@require_http_methods(FORM)
@answering
def rights_answer(request: HttpRequest, pk: int) -> HttpResponse:
    own = own_part(request, pk)
    form = AnswerForm(posted(request), kind=own.request.kind)
    if form.is_valid():
        try:
            answer_request(by=request.acting, request=own.request, now=timezone.now(), **form.cleaned_data)
        except Conflict as error:
            return conflict_page(request, error, back_url=reverse("guidance:rights_detail", args=[pk]), back_label=_("Look at the request as it is now"))
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Your organisation's answer has been written down. Tell the client."))
            return redirect("guidance:rights_detail", pk)
    return page_about(request, "guidance/rights_answer.html", own, _("Answer"), form)


@require_http_methods(FORM)
@answering
def rights_extend(request: HttpRequest, pk: int) -> HttpResponse:
    own = own_part(request, pk)
    form = ExtendForm(posted(request))
    if form.is_valid():
        try:
            extend_request(by=request.acting, request=own.request, now=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The answer is due two months later. Tell the client why."))
            return redirect("guidance:rights_detail", pk)
    return page_about(request, "guidance/rights_extend.html", own, _("Take more time"), form)


@require_http_methods(FORM)
@client_page
def rights_add(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """A counsellor writes down what the client asks."""
    pathway = get_pathway_for(request, pseudonym)
    form = RequestForm(posted(request), initial={"token": uuid4()})
    if form.is_valid():
        try:
            open_request(by=request.acting, pathway=pathway, now=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The request has been written down. Those who answer see it now; the client is answered within a month."))
            return redirect(pathway)
    return form_page(request, "guidance/rights_add.html", pathway, form, _("Request about own data"))
