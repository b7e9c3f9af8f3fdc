"""For whom a signed-in person acts: one membership at a time, kept in the session, shown on each page."""
from functools import cache

from django.db.models import BigIntegerField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.sessions import ACTING_FOR
from pilots.models import Membership
from pilots.queries.prepared import Given, Prepared

MOST_MEMBERSHIPS = 50
# The field of a form that says for which membership it was opened; see `{% acting_token %}`.
ACTING_FIELD = "acting_as"
SWITCH = "pilots:acting_choose"
# Every page pays for this query: of the organisation and the area only what the frame shows; the rest is read when asked for.
NAMED = ("slug", "name_fi", "name_sv")
READ = (
    *(field.name for field in Membership._meta.concrete_fields),
    *(f"{thing}__{field}" for thing in ("organisation", "area") for field in NAMED),
    "organisation__name_en",
)


def acting_for(get_response):
    """Sets `request.acting` (the membership acted for, or None) and `request.memberships` (all active ones).

    A membership that has ended gives no right from the very next request on: it is read anew each time.
    """

    def middleware(request):
        request.acting, request.memberships = None, []
        if request.user.is_authenticated:
            request.acting, request.memberships = chosen_membership(request)
            if request.acting and request.acting.pk != request.session.get(ACTING_FOR):
                request.session[ACTING_FOR] = request.acting.pk
        return get_response(request)

    middleware.process_view = refuse_forms_of_another
    return middleware


def refuse_forms_of_another(request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
    """A form that was opened while acting for another organisation is not stored in the name of this one: 409.

    Every form with `{% acting_token %}` in it, whatever its view. Switching the organisation is the one that may come from anywhere.
    """
    if request.method != "POST" or request.acting is None or request.resolver_match.view_name == SWITCH:
        return None
    if request.POST.get(ACTING_FIELD, str(request.acting.pk)) == str(request.acting.pk):
        return None
    return render(request, "pilots/acting_changed.html", status=409)


def chosen_membership(request) -> tuple[Membership | None, list[Membership]]:
    """For whom this person acts in this session, and all their active memberships; also in the request that signs them in."""
    memberships = _active_memberships().ask(user=request.user.pk)
    chosen = request.session.get(ACTING_FOR)
    return next((one for one in memberships if one.pk == chosen), None) or next(iter(memberships), None), memberships


@cache
def _active_memberships() -> Prepared:
    rows = Membership.objects.active().filter(user=Given("user", BigIntegerField())).select_related("organisation", "area").only(*READ)
    return Prepared(rows.order_by("id")[:MOST_MEMBERSHIPS])
