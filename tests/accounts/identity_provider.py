"""A real OpenID Connect provider on this machine, in a process of its own: `python -m tests.accounts.identity_provider PORT`.

oidc-provider-mock does the protocol. Added here: PKCE (a code without its verifier is refused), and faults by
`PUT /fault/NAME`, each of which makes the next tokens wrong in one way, signed with the provider's own key where it would be.
"""
import base64
import hashlib
import os
import sys
import time
from urllib.parse import parse_qs, urlsplit

import flask
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from oidc_provider_mock import app as provider
from oidc_provider_mock._storage import storage

# What each fault changes in the claims; the others are in `spoiled`.
CLAIMS = {
    "nonce": {"nonce": "of-another-question"},
    "no-nonce": {"nonce": None},
    "audience": {"aud": "another-client"},
    "two-audiences": {"aud": ["kopa", "another-client"]},
    "party": {"azp": "another-client"},
    "issuer": {"iss": "https://another-issuer.example"},
    "expired": {"exp": int(time.time()) - 3600},
    "no-expiry": {"exp": None},
    "subject": {"sub": "somebody-else"},
}


def spoiled(token: str, fault: str) -> str:
    header = jwt.get_unverified_header(token)
    claims = jwt.decode(token, options={"verify_signature": False}) | CLAIMS.get(fault, {})
    claims = {name: value for name, value in claims.items() if value is not None}
    kid = {"kid": header["kid"]} if header.get("kid") else {}
    if fault == "unsigned":
        return jwt.encode(claims, None, algorithm="none", headers=kid)
    if fault == "shared-secret":
        return jwt.encode(claims, "a secret that both sides know, and long enough for it", algorithm="HS256", headers=kid)
    if fault == "unknown-key":
        return jwt.encode(claims, rsa.generate_private_key(65537, 2048), algorithm="RS256", headers={"kid": "unknown"})
    if fault == "stolen-key-id":
        return jwt.encode(claims, rsa.generate_private_key(65537, 2048), algorithm="RS256", headers=kid)
    if fault == "no-token":
        return "not.a.token"
    own = jwt.PyJWK(storage.jwk.as_dict(is_private=True), algorithm="RS256").key
    return jwt.encode(claims, own, algorithm="RS256", headers=kid)


def make() -> flask.Flask:
    application = provider()
    told = {"fault": "", "challenges": {}, "asked": {}}

    @application.put("/fault/<name>")
    def fault(name: str):
        told["fault"] = "" if name == "none" else name
        return "", 204

    @application.get("/asked")
    def asked():
        """The last question that came to the sign-in form."""
        return flask.jsonify(told["asked"])

    @application.before_request
    def proves_the_code():
        if flask.request.path == "/oauth2/token":
            verifier = flask.request.form.get("code_verifier", "")
            digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
            if told["challenges"].get(flask.request.form.get("code")) != digest:
                return flask.jsonify(error="invalid_grant", error_description="code_verifier"), 400
            if told["fault"] == "broken":
                return "an error page of the provider", 500
            if told["fault"] == "silent":
                time.sleep(1)
            if told["fault"] == "not-json":
                return "<p>hello</p>", 200
        return None

    @application.after_request
    def remembers_and_spoils(response):
        if flask.request.path == "/oauth2/authorize":
            told["asked"] = flask.request.args.to_dict()
            if "error=" in response.headers.get("Location", ""):
                # RFC 6749, 4.1.2.1: the state comes back with an error too; the mock leaves it out.
                response.headers["Location"] += f"&state={flask.request.args.get('state', '')}"
            code = parse_qs(urlsplit(response.headers.get("Location", "")).query).get("code", [""])[0]
            if code and flask.request.args.get("code_challenge_method") == "S256":
                told["challenges"][code] = flask.request.args.get("code_challenge", "")
        if flask.request.path == "/oauth2/token" and response.status_code == 200 and told["fault"] and response.is_json:
            answer = response.get_json()
            answer["id_token"] = spoiled(answer["id_token"], told["fault"])
            response.set_data(flask.json.dumps(answer))
        return response

    return application


if __name__ == "__main__":
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    make().run(host="localhost", port=int(sys.argv[1]), debug=False, use_reloader=False)
