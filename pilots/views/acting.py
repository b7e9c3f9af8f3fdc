"""For which membership one acts."""
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.sessions import ACTING_FOR
from pilots.actions.people import switch_membership
from pilots.forms.people import SwitchForm
from pilots.views.people import refused


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def acting_choose(request: HttpRequest) -> HttpResponse:
    form = SwitchForm(request.POST or None, memberships=request.memberships, initial={"membership": request.acting.pk if request.acting else None})
    if request.method == "POST" and form.is_valid():
        chosen = next(membership for membership in request.memberships if membership.pk == form.cleaned_data["membership"])
        try:
            switch_membership(by=request.user, leaving=request.acting, to=chosen)
        except ValidationError as error:
            refused(form, error)
        else:
            request.session[ACTING_FOR] = chosen.pk
            words = {"organisation": chosen.organisation.name, "role": chosen.get_role_display()}
            messages.success(request, _("You now act for %(organisation)s as %(role)s.") % words)
            return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "pilots/acting_choose.html", {"form": form}, status=422 if form.errors else 200)
