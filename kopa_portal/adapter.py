"""What signing in leads to: it depends on the work that somebody does, so it is decided above the apps. Refusals are counted."""
from django.http import HttpRequest

from accounts.adapter import AccountAdapter
from accounts.addresses import address
from guidance.queries.own_access import has_own_account
from kopa_portal.operation.metrics import SIGN_INS_REFUSED
from pilots.acting import chosen_membership
from pilots.choices import Permission
from pilots.permissions import may


class PortalAccountAdapter(AccountAdapter):
    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Whoever guides clients begins with what waits for them, a client with the own page. A page that was asked for (`next`) comes before this."""
        acting, _memberships = chosen_membership(request)
        if acting is None and has_own_account(request.user):
            return address("own:path")
        return address("guidance:waiting") if may(acting, Permission.GUIDE_CLIENTS) else super().get_login_redirect_url(request)

    def authentication_failed(self, request: HttpRequest, **credentials) -> None:
        SIGN_INS_REFUSED.inc()
        super().authentication_failed(request, **credentials)
