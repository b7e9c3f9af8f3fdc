"""The assessment: coded needs, obstacles and competence needs."""
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from guidance.actions.assessment import add_items, put_item_back, resolve_item, take_item_in_hand
from guidance.choices import ItemState
from guidance.forms.assessment import AssessmentForm, ItemForm
from guidance.forms.outcomes import refused
from guidance.models import AssessmentItem, Programme
from guidance.reading import client_page, get_pathway_for
from guidance.views.pathways import back_to, form_page, get_of, posted


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def assessment_add(request: HttpRequest, pseudonym: str) -> HttpResponse:
    pathway = get_pathway_for(request, pseudonym)
    form = AssessmentForm(posted(request), pathway=pathway)
    if form.is_valid():
        items = form.items()
        try:
            add_items(by=request.acting, pathway=pathway, items=items)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, ngettext("%(count)d item was added to the assessment.", "%(count)d items were added to the assessment.", len(items)) % {"count": len(items)})
            return back_to(pathway)
    return form_page(request, "guidance/assessment_add.html", pathway, form, _("Add to the assessment"))


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def assessment_change(request: HttpRequest, pseudonym: str, pk: int) -> HttpResponse:
    pathway = get_pathway_for(request, pseudonym)
    item = get_of(pathway, AssessmentItem.objects.all(), pk)
    form = ItemForm(posted(request), pathway=pathway, item=item)
    if form.is_valid():
        try:
            _set_state(request, item, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Saved."))
            return back_to(pathway)
    return form_page(request, "guidance/assessment_change.html", pathway, form, _("Change the item"), item=item)


def _set_state(request: HttpRequest, item: AssessmentItem, *, state: str, programme: Programme | None) -> None:
    if state == ItemState.IN_HAND:
        take_item_in_hand(by=request.acting, item=item, programme=programme)
    elif state == ItemState.RESOLVED:
        resolve_item(by=request.acting, item=item)
    else:
        put_item_back(by=request.acting, item=item)
