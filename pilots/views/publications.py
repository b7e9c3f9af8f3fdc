"""Publications: their list, one's page, the Atom feed, and what Kuntaliitto's staff keep."""
from datetime import UTC, datetime, time

from django.conf import settings
from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.templatetags.kopa import content_in
from pilots.actions.editing import ChangedMeanwhile
from pilots.actions.publications import PUBLICATION_FIELDS, add_publication, archive_publication, edit_publication
from pilots.choices import Permission
from pilots.filters.obstacles import PublicationFilterSet
from pilots.forms.publications import PublicationForm
from pilots.models import Publication
from pilots.permissions import may, permission_required
from pilots.queries.related import publications_like
from pilots.views.conflicts import both_versions, conflict_page
from pilots.views.listing import list_context

MOST_IN_FEED = 50
# Of an Atom feed without any entry: RFC 4287 wants a day.
FIRST_DAY = datetime(2026, 11, 22, tzinfo=UTC)


def breadcrumbs(*own: tuple[str, str | None]) -> list[tuple[str, str | None]]:
    return [(_("Publications"), reverse("pilots:publication_list")), *own]


@require_safe
def publication_list(request: HttpRequest) -> HttpResponse:
    rows = Publication.objects.all() if request.GET.get("state") == PublicationFilterSet.ARCHIVED else Publication.objects.filter(archived_at=None)
    filterset = PublicationFilterSet(request.GET, rows)
    context = list_context(request, filterset.qs.order_by(F("published_on").desc(nulls_last=True), "pk"), filterset)
    count = context["page_obj"].paginator.count
    context |= {
        "count_text": ngettext("%(count)s publication", "%(count)s publications", count) % {"count": count},
        "may_keep": may(request.acting, Permission.MODERATE),
    }
    return render(request, "pilots/publication_list.html", context)


@require_safe
def publication_detail(request: HttpRequest, pk: int) -> HttpResponse:
    publication = get_object_or_404(Publication, pk=pk)
    context = {"publication": publication, "may_keep": may(request.acting, Permission.MODERATE), "like": publications_like(publication), "breadcrumbs": breadcrumbs((publication.name, None))}
    return render(request, "pilots/publication_detail.html", context)


@require_safe
def publication_feed(request: HttpRequest) -> HttpResponse:
    """Atom (RFC 4287) of what is not archived, last changed first; the identifiers of entries are the same in every language."""
    origin, language = settings.PUBLIC_ORIGIN, (get_language() or "fi")[:2]
    rows = list(Publication.objects.filter(archived_at=None).order_by("-updated_at", "-pk")[:MOST_IN_FEED])
    feed = Feed(
        title=_("KOPA: publications"),
        link=origin + reverse("pilots:publication_list"),
        feed_url=origin + request.path,
        feed_guid=origin + request.path,
        description=_("What has been published of the KOPA network."),
        language=language,
        author_name="Kuntaliitto",
    )
    feed.updated = rows[0].updated_at if rows else FIRST_DAY
    for row in rows:
        feed.add_item(
            title=for_xml(content_in(row, "name", language)[0]),
            link=origin + row.get_absolute_url(),
            description=for_xml(content_in(row, "summary", language)[0] or content_in(row, "name", language)[0]),
            author_name=for_xml(row.author) or "Kuntaliitto",
            unique_id=f"{origin}/publications/{row.pk}/",
            pubdate=datetime.combine(row.published_on, time(), UTC) if row.published_on else None,
            updateddate=row.updated_at,
        )
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def for_xml(text: str) -> str:
    """XML 1.0 has no control characters but these three; somebody may have pasted others."""
    return "".join(letter for letter in text if letter >= " " or letter in "\t\n\r")


class Feed(Atom1Feed):
    updated: datetime

    def latest_post_date(self) -> datetime:
        """When the feed last changed, rather than today when it is empty."""
        return self.updated


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.MODERATE)
def publication_add(request: HttpRequest) -> HttpResponse:
    form = PublicationForm(request.POST or None, initial={"version": 0})
    if form.is_valid():
        publication = add_publication(by=request.acting, values=_values(form))
        messages.success(request, _("The publication is in the list and in the feed."))
        return redirect(publication)
    return _form_page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.MODERATE)
def publication_edit(request: HttpRequest, pk: int) -> HttpResponse:
    publication = get_object_or_404(Publication, pk=pk)
    form = PublicationForm(request.POST or None, initial={name: getattr(publication, name) for name in PUBLICATION_FIELDS} | {"version": publication.version})
    if form.is_valid():
        version = form.cleaned_data["version"]
        try:
            changed = edit_publication(by=request.acting, pk=pk, version=version, values=_values(form))
        except ChangedMeanwhile as conflict:
            return _conflict(request, conflict.current, version, form)
        messages.success(request, _("The publication was saved.")) if changed else messages.info(request, _("Nothing was saved, for nothing had changed."))
        return redirect(publication)
    return _form_page(request, form, publication)


@require_POST
@permission_required(Permission.MODERATE)
def publication_archive(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(Publication, pk=pk)
    publication = archive_publication(by=request.acting, pk=pk)
    if publication.archived_at:
        messages.success(request, _("The publication is archived: the list and the feed leave it out. It can be brought back here."))
    else:
        messages.success(request, _("The publication is in the list and in the feed."))
    return redirect(publication)


def _values(form: PublicationForm) -> dict:
    return {name: form.cleaned_data[name] for name in PUBLICATION_FIELDS}


def _form_page(request: HttpRequest, form: PublicationForm, publication: Publication | None) -> HttpResponse:
    crumbs = breadcrumbs((publication.name, publication.get_absolute_url()), (_("Edit"), None)) if publication else breadcrumbs((_("Add a publication"), None))
    cancel_url = publication.get_absolute_url() if publication else reverse("pilots:publication_list")
    context = {"form": form, "publication": publication, "cancel_url": cancel_url, "breadcrumbs": crumbs}
    return render(request, "pilots/publication_form.html", context, status=422 if form.errors else 200)


def _conflict(request: HttpRequest, current: Publication, version: int, form: PublicationForm) -> HttpResponse:
    theirs, began_from = {name: getattr(current, name) for name in PUBLICATION_FIELDS}, current.history.filter(version=version).first()
    base = {name: getattr(began_from, name) for name in PUBLICATION_FIELDS} if began_from else None
    sides = both_versions(Publication, PUBLICATION_FIELDS, base, _values(form), theirs)
    again = PublicationForm(sides.data(request.POST, version=current.version))
    return conflict_page(request, current, again, sides, breadcrumbs((current.name, current.get_absolute_url()), (_("Edit"), None)), current.get_absolute_url())
