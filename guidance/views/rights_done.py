"""What a granted request leads to: everything that is held, shown and in a file; an erasure with its dry run; a restriction."""
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from guidance.actions.erasure import carry_out, erases_everything
from guidance.actions.restriction import lift_restriction, restrict
from guidance.choices import EXPORTED, LogAction, RightsKind
from guidance.documents.held_file import held_file
from guidance.forms.outcomes import refused
from guidance.forms.rights import LiftForm, SureForm
from guidance.models import Client, RightsAnswer
from guidance.queries.erasing import lines_of, own_lines_of
from guidance.queries.held_export import data_of, files_of, tables_of
from guidance.queries.rights import to_carry_out
from guidance.reading import Refused
from guidance.views.pathways import posted
from guidance.views.rights import FORM, answering, own_part, page_about


def _client_of(own: RightsAnswer, *kinds: str) -> Client:
    """Of a request of these kinds whose data is still there."""
    if own.request.pathway is None or own.request.kind not in kinds:
        raise Refused([own.request.pseudonym])
    return own.request.pathway.client


@require_safe
@answering
def rights_data(request: HttpRequest, pk: int) -> HttpResponse:
    """Readable, and prints well: what the acting organisation answers for."""
    own = own_part(request, pk, LogAction.EXPORT)
    client = _client_of(own, *EXPORTED)
    tables = list(tables_of(client, own.organisation_id))
    return page_about(request, "guidance/rights_data.html", own, _("What is held"), tables=tables, made_at=timezone.now(), file_count=len(files_of(client, own.organisation_id)))


@require_safe
@answering
def rights_file(request: HttpRequest, pk: int) -> FileResponse:
    """The same as a ZIP: data.json and the attached files. Its row in the read log is committed before the first byte."""
    own = own_part(request, pk, LogAction.EXPORT)
    client = _client_of(own, *EXPORTED)
    made = held_file(data_of(tables_of(client, own.organisation_id), made_at=timezone.now()), files_of(client, own.organisation_id))
    return FileResponse(made, as_attachment=True, filename=f"{own.request.pseudonym}.zip", content_type="application/zip")


@require_http_methods(FORM)
@answering
def rights_erase(request: HttpRequest, pk: int) -> HttpResponse:
    """The dry run: table by table what goes and what stays and why; then, when all have answered, the erasure itself."""
    own = own_part(request, pk)
    client = _client_of(own, RightsKind.ERASURE)
    waits_for = [answer.organisation for answer in own.request.answers.waiting().select_related("organisation")]
    everything = erases_everything(own.request) or bool(waits_for)
    may_press = to_carry_out(own) and not waits_for
    form = SureForm(posted(request)) if may_press else None
    if form and form.is_valid():
        try:
            done = carry_out(by=request.acting, request=own.request, now=timezone.now())
        except ValidationError as error:
            refused(form, error)
        else:
            if done.answers.waiting().exists():
                # Data of theirs has come to light since the request: the page lists them as not having answered.
                messages.warning(request, _("Nothing has been erased yet: the client has data of other organisations too, and they are asked now."))
                return redirect("guidance:rights_erase", pk)
            messages.success(request, _("It has been erased. The request stays in the register, by its pseudonym."))
            return redirect("guidance:rights_detail", pk)
    pathways = list(client.pathways.all())
    lines = list(lines_of(pathways, with_client=True) if everything else own_lines_of(client, own.organisation_id))
    return page_about(
        request, "guidance/rights_erase.html", own, _("What is erased"), form, everything=everything, waits_for=waits_for, goes_on=[one for one in pathways if one.closed_at is None],
        lines=[(line, count) for line in lines if (count := line.count)], danger=True,
    )  # fmt: skip


@require_http_methods(FORM)
@answering
def rights_restrict(request: HttpRequest, pk: int) -> HttpResponse:
    own = own_part(request, pk)
    _client_of(own, RightsKind.RESTRICTION)
    if request.method == "POST":
        try:
            restrict(by=request.acting, request=own.request, now=timezone.now())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("The use of the data is restricted from now on."))
        return redirect("guidance:rights_detail", pk)
    return page_about(request, "guidance/rights_restrict.html", own, _("Restrict the use of the data"))


@require_http_methods(FORM)
@answering
def rights_lift(request: HttpRequest, pk: int) -> HttpResponse:
    """The client is told before (article 18(3))."""
    own = own_part(request, pk)
    pathway = _client_of(own, RightsKind.RESTRICTION).pathways.get(pk=own.request.pathway_id)
    form = LiftForm(posted(request))
    if form.is_valid():
        lift_restriction(by=request.acting, pathway=pathway)
        messages.success(request, _("The restriction has ended."))
        return redirect("guidance:rights_detail", pk)
    return page_about(request, "guidance/rights_lift.html", own, _("End the restriction"), form)
