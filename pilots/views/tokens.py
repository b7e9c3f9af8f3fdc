"""Keys of the API: an organisation's administrators make and revoke them."""
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pilots.actions.tokens import make_token, revoke_token
from pilots.choices import ApiScope, Permission
from pilots.forms.tokens import TokenForm
from pilots.permissions import permission_required
from pilots.queries.tokens import tokens_in_use, tokens_of
from pilots.views.people import refused

MOST_OLD = 20


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.MANAGE_PEOPLE)
def token_list(request: HttpRequest) -> HttpResponse:
    """The secret of a new key is shown once, on the answer to the form: only its hash is kept, anywhere."""
    now, secret = timezone.now(), ""
    form = TokenForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            _made, secret = make_token(by=request.acting, name=form.cleaned_data["name"], scopes=form.cleaned_data["scopes"], days=int(form.cleaned_data["days"]))
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The key is made. Copy it now: it is shown this once only."))
            form = TokenForm()
    in_use = [(token, [str(ApiScope(code).label) for code in token.scopes]) for token in tokens_in_use(request.acting, now)]
    context = {
        "form": form,
        "secret": secret,
        "in_use": in_use,
        "old": list(tokens_of(request.acting).exclude(pk__in=[token.pk for token, _scopes in in_use])[:MOST_OLD]),
        "organisation": request.acting.organisation,
        "breadcrumbs": [(_("People"), reverse("pilots:people_list")), (_("Keys of the API"), None)],
    }
    return render(request, "pilots/token_list.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.MANAGE_PEOPLE)
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = tokens_of(request.acting).filter(pk=pk).first()
    if token is None:
        raise Http404
    if request.method == "POST":
        revoke_token(by=request.acting, token=token)
        messages.success(request, _("Revoked: the key reads nothing any more."))
        return redirect("pilots:token_list")
    return render(request, "pilots/token_revoke.html", {"token": token, "cancel_url": reverse("pilots:token_list"), "danger": True})
