"""The client's links: made, looked at with each opening, and ended."""
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guidance.actions.sharing import make_link, revoke_link
from guidance.forms.outcomes import refused
from guidance.forms.sharing import ShareForm
from guidance.models import Pathway, ShareLink
from guidance.own import own_page
from guidance.queries.sharing import links_of, shared_parts


def _crumbs(*more) -> list:
    return [(_("My path"), reverse("own:path")), *more]


def _first(request: HttpRequest) -> Pathway:
    """What is shared is the open pathway, or the newest."""
    if not request.own_pathways:
        raise Http404
    return request.own_pathways[0]


@require_safe
@own_page
def share_list(request: HttpRequest) -> HttpResponse:
    links = links_of(request.own_pathways)
    context = {"links": links, "is_protected": request.own_account.client.is_protected, "breadcrumbs": _crumbs((_("My links"), None))}
    return render(request, "guidance/own_share_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def share_add(request: HttpRequest) -> HttpResponse:
    """Two steps, nothing stored between them: what the link will show, and then the link itself, told once."""
    pathway, phase = _first(request), request.POST.get("phase", "")
    form = ShareForm(request.POST if request.method == "POST" else None, initial={"token": uuid4()})
    context = {"form": form, "cancel_url": reverse("own:share_list"), "breadcrumbs": _crumbs((_("My links"), reverse("own:share_list")), (_("Make a link"), None))}
    if form.is_valid() and phase != "back":
        data = form.cleaned_data
        if phase != "make":
            return render(request, "guidance/own_share_preview.html", context | {"parts": shared_parts(pathway, data["sections"])})
        try:
            link, key = make_link(by_user=request.user, pathway=pathway, **data)
        except ValidationError as error:
            refused(form, error)
        else:
            if not key:
                messages.info(request, _("This link has been made already. If you did not copy it, end it and make a new one."))
                return redirect("own:share_list")
            # Not a redirect: the key is nowhere to be read from again.
            return render(request, "guidance/own_share_made.html", context | {"link": link, "address": settings.PUBLIC_ORIGIN + reverse("guidance:share_open", args=[key])})
    return render(request, "guidance/own_share_form.html", context, status=422 if form.errors else 200)


@require_POST
@own_page
def share_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    link = ShareLink.objects.filter(pk=pk, pathway__in=request.own_pathways).select_related("pathway").first()
    if link is None:
        raise Http404
    revoke_link(by_user=request.user, pathway=link.pathway, link=link)
    messages.success(request, _("The link has ended. From now on it shows nothing to anybody."))
    return redirect("own:share_list")
