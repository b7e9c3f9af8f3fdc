"""The access table: for each URL name which object it is about, who may, and how everybody else is refused.

A URL without a row fails. Each cell (person x URL x object x method) is asked as declared here:
- OK: 200 or a redirect that is not to the sign-in (a POST without data may answer 200 with the form's errors)
- SIGN_IN: redirect to the sign-in page; FORBIDDEN: 403; MISSING: the same 404 as for an object that does not exist
- NOT_ALLOWED: 405
"""
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

from tests.project.world import PEOPLE, VISITOR

OK, SIGN_IN, FORBIDDEN, MISSING, NOT_ALLOWED = "ok", "sign in", "forbidden", "missing", "not allowed"
EVERYBODY = frozenset(PEOPLE)
SIGNED_IN = EVERYBODY - {VISITOR}
# Whoever is somebody on the own side is that somebody's counterpart on the foreign one.
COUNTERPART = {"coordinator": "other_coordinator", "other_coordinator": "coordinator", "administrator": "other_administrator", "other_administrator": "administrator"}


@dataclass(frozen=True)
class Row:
    """`may` is who may act on the own side; `arguments` gives the URL's arguments for a side, `missing` those of nothing."""

    may: frozenset[str] = EVERYBODY
    methods: frozenset[str] = frozenset({"GET"})
    arguments: Callable[[SimpleNamespace], dict] | None = None
    missing: dict | None = None
    refused: str = FORBIDDEN
    in_languages: bool = True

    def may_on(self, side: str) -> frozenset[str]:
        return self.may if side == "own" else frozenset(COUNTERPART.get(name, name) for name in self.may)

    def expected(self, person: str, side: str, method: str) -> str:
        if method not in self.methods:
            return NOT_ALLOWED
        if side == "missing":
            return SIGN_IN if person == VISITOR and VISITOR not in self.may else MISSING
        if person in self.may_on(side):
            return OK
        return SIGN_IN if person == VISITOR else self.refused


GET, FORM, POST = frozenset({"GET"}), frozenset({"GET", "POST"}), frozenset({"POST"})
