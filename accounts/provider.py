"""OpenID Connect as the portal asks for it. allauth finds this module by its name, and does the rest: PKCE, state, the code for the token.

Source: OpenID Connect Core 1.0, section 3.1.3.7 (checks of the ID token), RFC 7636 (PKCE), RFC 9207 (`iss` in the answer).
"""
import hashlib
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.base import ProviderException
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare, get_random_string
from django.utils.translation import get_language, override
from requests import RequestException

from accounts.addresses import in_public_name
from accounts.identity_providers import IdentityProvider, is_safe, provider_by_id
from accounts.registries import Identity

# Signed with a key that the provider publishes: neither unsigned (`none`) nor with a secret that both sides know (HS256).
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
REQUIRED_CLAIMS = ["iss", "sub", "aud", "exp", "iat"]
CLOCKS_DIFFER = 30
REMEMBERED_FOR = 10 * 60


class IdentityRefused(ProviderException):
    """The provider's answer does not prove what it has to; the text is for whoever runs the portal."""


def _malformed_is_refused(method: Callable) -> Callable:
    """What a provider answers is a stranger's text: whatever cannot be read in it is a refusal, never a fault of the server."""

    @wraps(method)
    def guarded(*args, **kwargs):
        try:
            return method(*args, **kwargs)
        except (AttributeError, KeyError, TypeError, ValueError, jwt.PyJWTError) as error:
            raise IdentityRefused(f"{type(error).__name__}: {error}") from error

    return guarded


class PortalOAuth2Adapter(OpenIDConnectOAuth2Adapter):
    def __init__(self, request: HttpRequest, provider_id: str) -> None:
        super().__init__(request, provider_id)
        self.configured = _configured(provider_id)
        self.state: dict = {}

    @property
    def openid_config(self) -> dict:
        return self._discovered()

    @_malformed_is_refused
    def _discovered(self) -> dict:
        found = self._remembered("configuration", f"{self.configured.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found["issuer"] != self.configured.issuer:
            raise IdentityRefused("the configuration is of another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not is_safe(found[name]):
                raise IdentityRefused(f"{name} is not encrypted")
        return found

    def _remembered(self, what: str, url: str, *, anew: bool = False) -> Any:
        key = f"identity-{what}-{self.configured.id}-{hashlib.sha256(url.encode()).hexdigest()[:16]}"
        found = None if anew else cache.get(key)
        if found is None:
            with get_adapter().get_requests_session() as session:
                response = session.get(url)
                response.raise_for_status()
                found = response.json()
            cache.set(key, found, REMEMBERED_FOR)
        return found

    @property
    def basic_auth(self) -> bool:
        return "client_secret_basic" in self.openid_config.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])

    def get_callback_url(self, request: HttpRequest, app) -> str:
        """One address in all languages, for the provider has a list of them."""
        with override("fi"):
            return in_public_name(reverse("openid_connect_callback", args=[self.provider_id]))

    @_malformed_is_refused
    def get_access_token_data(self, request: HttpRequest, app, client, pkce_code_verifier=None) -> dict:
        return super().get_access_token_data(request, app, client, pkce_code_verifier=pkce_code_verifier)

    @_malformed_is_refused
    def parse_token(self, data):
        return super().parse_token(data)

    @_malformed_is_refused
    def complete_login(self, request: HttpRequest, app, token, **kwargs):
        claims = self._proved(kwargs["response"]["id_token"])
        if is_safe(self.openid_config.get("userinfo_endpoint", "")):
            more = self._fetch_user_info(token.token)
            if more["sub"] != claims["sub"]:
                raise IdentityRefused("the user information is of somebody else")
            claims = more | claims
        return self.get_provider().sociallogin_from_response(request, claims)

    def _proved(self, id_token: str) -> dict:
        client_id, level = self.configured.client_id, self.configured.acr
        claims = jwt.decode(
            id_token,
            key=self._key_of(id_token),
            algorithms=ALGORITHMS,
            audience=client_id,
            issuer=self.configured.issuer,
            leeway=CLOCKS_DIFFER,
            options={"require": REQUIRED_CLAIMS},
        )
        nonce = self.state.get("nonce")
        if not nonce or not constant_time_compare(str(claims.get("nonce")), nonce):
            raise IdentityRefused("the token answers another question (nonce)")
        if claims.get("azp", client_id) != client_id or (isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and "azp" not in claims):
            raise IdentityRefused("the token was issued to another party (azp)")
        if level and claims.get("acr") not in level:
            raise IdentityRefused("the level of assurance is not one of those asked for (acr)")
        return claims

    def _key_of(self, id_token: str) -> jwt.PyJWK:
        kid = jwt.get_unverified_header(id_token).get("kid")
        for anew in (False, True):
            keys = jwt.PyJWKSet.from_dict(self._remembered("keys", self.openid_config["jwks_uri"], anew=anew)).keys
            fitting = [key for key in keys if key.public_key_use in (None, "sig") and (kid is None or key.key_id == kid)]
            if len(fitting) == 1:
                return fitting[0]
        raise IdentityRefused("the token is signed with a key that the provider does not publish")


class PortalProvider(OpenIDConnectProvider):
    oauth2_adapter_class = PortalOAuth2Adapter
    pkce_enabled_default = True

    def redirect(self, request: HttpRequest, process, next_url=None, data=None, **kwargs) -> HttpResponse:
        nonce = get_random_string(43)
        language = (get_language() or "fi")[:2]
        asked = {"nonce": nonce, "ui_locales": language}
        if acr := _configured(self.sub_id).acr:
            asked["acr_values"] = " ".join(acr)
        try:
            return super().redirect(request, process, next_url, data, auth_params=asked, nonce=nonce, language=language)
        except (ProviderException, RequestException) as error:
            return render_authentication_error(request, self, exception=error)

    def extract_uid(self, data: dict) -> str:
        """Issuer and subject together, as a digest: another issuer under the same name opens nothing, and no number of the person's is stored."""
        return hashlib.sha256("\n".join((data["iss"], str(data["sub"]))).encode()).hexdigest()

    def extract_extra_data(self, data: dict) -> dict:
        return {}

    def extract_common_fields(self, data: dict) -> dict:
        return {}

    def extract_email_addresses(self, data: dict) -> list:
        return []

    def sociallogin_from_response(self, request: HttpRequest, response: dict):
        login = super().sociallogin_from_response(request, response)
        login.identity = identity_from(response, _configured(self.sub_id))
        login.proved_email = response["email"].lower() if response.get("email_verified") is True and isinstance(response.get("email"), str) else ""
        return login


def identity_from(claims: dict, provider: IdentityProvider) -> Identity:
    def text(name: str) -> str:
        return claims[name].strip() if isinstance(claims.get(name), str) else ""

    try:
        born = date.fromisoformat(text("birthdate"))
    except ValueError:
        born = None
    return Identity(provider.id, provider.strong, text("family_name"), text("given_name"), born)


def _configured(provider_id: str) -> IdentityProvider:
    found = provider_by_id(provider_id)
    if found is None:
        raise IdentityRefused("the provider is no longer configured")
    return found


provider_classes = [PortalProvider]
