"""Two files of one person become one; both are seen first, and the history of both stays."""
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guidance.actions.merging import merge_pathways
from guidance.choices import LogAction, Purpose
from guidance.forms.clients import MergeForm
from guidance.forms.outcomes import refused
from guidance.models import Pathway
from guidance.permissions import may_see_pathway
from guidance.queries.duplicates import likely_same
from guidance.queries.merge_preview import File, files_of
from guidance.reading import client_page, get_pathway_for, log_access
from guidance.views.pathways import INVALID, breadcrumbs


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def client_merge(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """First the other file, then the preview with the question which one is kept, then the merge."""
    pathway = get_pathway_for(request, pseudonym)
    form = MergeForm(request.POST if request.method == "POST" else None)
    files: list[File] = []
    if form.is_valid():
        other = _other(request, pathway, form)
        if other and request.POST.get("phase") == "merge":
            keep, gone = (other, pathway) if form.cleaned_data["keep"] == other.pseudonym else (pathway, other)
            try:
                kept = merge_pathways(by=request.acting, keep=keep, other=gone, is_same_person=form.cleaned_data["is_same_person"])
            except ValidationError as error:
                refused(form, error)
            else:
                messages.success(request, _("The files are one. The log keeps the identifier %(gone)s too.") % {"gone": gone.pseudonym})
                return redirect(kept)
        if other:
            files = files_of(request.acting, pathway, other)
    likely = []
    if not files:
        client = pathway.client
        likely = likely_same(acting=request.acting, family_name=client.family_name, given_names=client.given_names, birth_date=client.birth_date, besides=pathway)
        request.reading.show([one.pathway for one in likely])
    title = _("Merge two files of one person")
    context = {"pathway": pathway, "form": form, "files": files, "births_differ": len({file.client.birth_date for file in files}) > 1, "likely": likely, "cancel_url": pathway.get_absolute_url(), "title": title, "breadcrumbs": breadcrumbs(pathway, (title, ""))}
    return render(request, "guidance/client_merge.html", context, status=INVALID if form.is_bound and form.errors else 200)


def _other(request: HttpRequest, pathway: Pathway, form: MergeForm) -> Pathway | None:
    """A file that the reader may see; of one that they may not see they are told the same as of none."""
    other = Pathway.objects.select_related("client", "partnership").filter(pseudonym=form.cleaned_data["other"]).first()
    if other is None or not may_see_pathway(request.acting, other):
        if other:
            log_access(request, LogAction.REFUSAL, Purpose.GUIDANCE, [other.pseudonym])
        form.add_error("other", _("There is no such file among your clients."))
        return None
    if other.pk == pathway.pk:
        form.add_error("other", _("These are the same pathway."))
        return None
    request.reading.show([other], action=LogAction.CHANGE)
    return other
