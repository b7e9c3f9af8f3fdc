"""Times taken in the owner's own booking system: where they come from, how old they are, and which bookings they run into."""
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from pilots.choices import Permission
from pilots.permissions import permission_required
from services.actions.busy import add_feed, bring_busy_file, remove_busy_source
from services.busy.files import LARGEST
from services.forms.busy import BusyFileForm, FeedSourceForm
from services.forms.outcomes import INVALID, refused
from services.forms.resources import RemoveForm
from services.models import Resource
from services.queries.busy import clashes_of, get_own_bookable, sources_of


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.HANDLE_SERVICES)
def busy_times(request: HttpRequest, pk: int) -> HttpResponse:
    """`do` says which of the page's forms was sent."""
    resource = get_own_bookable(request.acting, pk)
    done = request.POST.get("do", "") if request.method == "POST" else ""
    feed = FeedSourceForm(request.POST if done == "feed" else None, prefix="feed")
    file = BusyFileForm(request.POST if done == "file" else None, request.FILES if done == "file" else None, prefix="file")
    forms = {"feed": feed, "file": file, "remove": RemoveForm(request.POST)}
    if done:
        form = forms.get(done)
        if form is None:
            raise Http404
        if form.is_valid():
            try:
                messages.success(request, _act(request, resource, done, form.cleaned_data))
            except ValidationError as error:
                refused(form, error)
            else:
                return redirect("services:busy_times", resource.pk)
    root, now = resource.whole or resource, timezone.now()
    context = {
        "resource": resource, "root": root, "sources": sources_of(resource, now), "clashes": clashes_of(resource, now), "feed": feed, "file": file, "wrong": next((one for one in (feed, file) if one.errors), None),
        "breadcrumbs": [(_("Our services"), reverse("services:offer_list")), (root.name, reverse("services:resource_detail", args=[root.pk])), (_("Times taken in your own booking system"), None)],
    }  # fmt: skip
    return render(request, "services/busy_times.html", context, status=INVALID if context["wrong"] else 200)


def _act(request: HttpRequest, resource: Resource, done: str, data: dict) -> str:
    if done == "feed":
        add_feed(by=request.acting, resource=resource, **data)
        return _("The address is kept, and it is read within a few minutes.")
    if done == "file":
        # One byte more than allowed is enough to know.
        count = bring_busy_file(by=request.acting, resource=resource, content=data["file"].read(LARGEST + 1), promise_hours=data["promise_hours"])
        return ngettext("%(count)s time was read.", "%(count)s times were read.", count) % {"count": count}
    remove_busy_source(by=request.acting, resource=resource, pk=data["row"])
    return _("Removed, with the times that came from it.")
