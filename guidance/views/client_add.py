"""A new client: the least, the duplicate guard, and the first step in one form."""
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guidance.actions.clients import protect_client
from guidance.actions.pathways import open_pathway
from guidance.choices import LogAction, Stage
from guidance.forms.clients import AddClientForm
from guidance.forms.outcomes import refused
from guidance.models import DropIn, Event, Partnership, Pathway
from guidance.queries.drop_ins import free_drop_ins
from guidance.queries.duplicates import Likely, likely_same
from guidance.reading import Refused, client_page
from guidance.views.pathways import INVALID, posted
from pilots.queries.keyset import LARGEST_ID


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def client_add(request: HttpRequest) -> HttpResponse:
    """Likely the same person is shown, and asked about, only among those whom the organisation sees anyway."""
    request.reading.counts_only()
    partnerships = list(Partnership.objects.filter(process_organisation=request.acting.organisation_id, opened_at__isnull=False))
    drop_in = _drop_in(request, partnerships)
    initial = {"partnership": drop_in.partnership_id} if drop_in else {}
    form = AddClientForm(posted(request) if partnerships else None, partnerships=partnerships, initial=initial)
    likely: list[Likely] = []
    if form.is_valid():
        if known := _made_before(request, form):
            return redirect(known)
        likely = likely_same(acting=request.acting, **{name: form.cleaned_data[name] for name in ("family_name", "given_names", "birth_date")})
        pseudonyms = [one.pathway.pseudonym for one in likely]
        if likely:
            request.reading.show([one.pathway for one in likely], action=LogAction.SEARCH)
        if likely and not form.confirms(pseudonyms):
            form.data = form.data.copy()
            form.data["others"] = ",".join(pseudonyms)
            form.add_error("is_another", _("Perhaps this client is here already. Look at the list, and open the file, or say that this is another person."))
        else:
            try:
                pathway = _open(request, form, drop_in)
            except ValidationError as error:
                refused(form, error)
            else:
                messages.success(request, _("The pathway is open under the identifier %(pseudonym)s, and its first step waits on your list.") % {"pseudonym": pathway.pseudonym})
                return redirect(pathway)
    context = {
        "form": form,
        "likely": [(one, "" if one.pathway.closed_at else Stage(one.pathway.stage).label) for one in likely],
        "may_open": bool(partnerships),
        "drop_in": drop_in,
        "cancel_url": reverse("guidance:client_list"),
        "breadcrumbs": [(_("Clients"), reverse("guidance:client_list")), (_("Add a client"), "")],
    }
    return render(request, "guidance/client_add.html", context, status=INVALID if form.is_bound and form.errors else 200)


def _drop_in(request: HttpRequest, partnerships: list[Partnership]) -> DropIn | None:
    """The talk that is to become the first event: of a partnership whose pathways one's organisation opens."""
    asked = request.GET.get("talk", "")
    if not asked:
        return None
    if not (asked.isascii() and asked.isdigit()) or int(asked) > LARGEST_ID:
        raise Refused
    drop_in = free_drop_ins(request.acting).filter(partnership__in=partnerships, pk=asked).first()
    if drop_in is None and request.method != "POST":
        raise Refused
    return drop_in


def _made_before(request: HttpRequest, form: AddClientForm) -> Pathway | None:
    """The same form sent twice leads to the pathway that it made; another's token is nobody's business."""
    event = Event.objects.filter(token=form.cleaned_data["token"], by=request.acting).select_related("pathway").first()
    return event.pathway if event else None


@transaction.atomic
def _open(request: HttpRequest, form: AddClientForm, drop_in: DropIn | None) -> Pathway:
    """Opened and protected, or neither: a refusal of the second takes the first back."""
    data = form.cleaned_data
    pathway = open_pathway(
        by=request.acting, partnership=form.chosen_partnership, client=form.client(), first_step=data["first_step"], first_due_on=data["first_due_on"],
        drop_in=drop_in, token=data["token"], target_group=data["target_group"],
    )
    if data["is_protected"] and not pathway.client.is_protected:
        protect_client(by=request.acting, pathway=pathway, contact_address=data["contact_address"])
    request.reading.show([pathway], action=LogAction.CHANGE)
    return pathway
