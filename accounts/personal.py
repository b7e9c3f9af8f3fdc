"""What each table holds of people: of whom, what, why and for how long. The record of processing is made of this.

Source: General Data Protection Regulation (EU) 2016/679, article 30: purposes, categories of people and of data, time limits.

Each app declares all its models in its own `personal.py`: as `Personal`, or as None when nothing there is about a
person. `faults` finds a model that is not declared, a text of a person that no category names, and a row of a client
that cannot be found from the client; with one of them the portal does not start.
"""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from accounts.models import AuditEvent, BouncedAddress, Lease, Notification, NotificationChoice, OutboxMessage, PortalSession, Seal, SealCheck, User, WorkerBeat
from accounts.registries import Registry


class Who(models.TextChoices):
    CLIENT = "client", _("clients who are guided")
    WORKER = "worker", _("people who sign in")
    CONTACT = "contact", _("contact people")


class What(models.TextChoices):
    """Categories of personal data."""

    IDENTITY = "identity", _("name and birth date")
    CONTACT = "contact", _("contact details")
    LANGUAGE = "language", _("language, interpreter and level of language")
    SITUATION = "situation", _("situation, stages and coded needs")
    PLANS = "plans", _("goal, plans, studies and work")
    WORDS = "words", _("what has been written about the matter")
    FILES = "files", _("files")
    GROUNDS = "grounds", _("grounds and consents")
    HANDING = "handing", _("hand-offs between organisations")
    ROLES = "roles", _("roles and duties")
    SIGN_IN = "sign_in", _("means of signing in")
    USE = "use", _("what was read and done in the portal, and when")


class Why(models.TextChoices):
    """Purposes of the processing."""

    GUIDANCE = "guidance", _("Guiding a client from unemployment to a qualification, without losing anyone between organisations")
    IMPORT = "import", _("Bringing an organisation's own list of clients in, reviewed line by line")
    RIGHTS = "rights", _("Answering what clients ask about their own data")
    FIGURES = "figures", _("Counting how the guidance works; what is published tells of nobody")
    SUPERVISION = "supervision", _("Supervising who has read and done what")
    ACCOUNTS = "accounts", _("Signing in, and rights by role")
    COOPERATION = "cooperation", _("Cooperation between organisations: whom to call, and who decided what")
    SHARING = "sharing", _("Sharing facilities, staff and courses between organisations")
    MAIL = "mail", _("Sending mails")


class Kept(models.TextChoices):
    """How long, and what then."""

    PATHWAY = "pathway", _("As long as the guidance lasts, and then as long as the organisation that owns the process has set. Until it has set a time, nothing is removed.")
    FILES = "files", _("As long as the pathway; an organisation can set a shorter time for files.")
    NOTES = "notes", _("As long as the pathway; an organisation can set a shorter time after which the texts are emptied.")
    LIST = "list", _("Until the list has been stored or discarded, at most 14 days.")
    RIGHTS = "rights", _("What was asked, when and how it was answered is kept without a name, so that it can be shown. Each organisation sets how long.")
    SESSION = "session", _("30 minutes without use, 10 hours at most.")
    ACCOUNT = "account", _("As long as the person has the account.")
    ROLE = "role", _("Roles that have ended are kept, so that it can be told later who had which right. No time has been set.")
    LOG = "log", _("The log cannot be changed. No time has been set after which it is removed.")
    MAIL = "mail", _("The text until the mail has been sent; address, subject and time stay. What was mailed to a client goes when the client’s data are erased, sent or not.")
    NOTICE = "notice", _("Half a year.")
    BOUNCE = "bounce", _("Until the person has confirmed the address.")
    WORK = "work", _("As long as the matter that it belongs to is kept.")
    INVITATION = "invitation", _("14 days until it is used; that it was sent is kept.")


class Erasure(models.TextChoices):
    """What becomes of a row when the person is erased."""

    DELETE = "delete", _("removed")
    EMPTY = "empty", _("emptied of what tells who it is about")
    KEEP = "keep", _("kept")


@dataclass(frozen=True)
class Personal:
    """One table. `holds`: category -> names of the fields.

    Of a client's table every text and day is in a category, or `plain`: it says nothing of anybody. `route` is the lookup
    from a row to the client ("pathway__client"), "" where rows are not tied to one; `controller` the lookup to the
    organisation that answers for the row.

    `workers`: fields among them where a worker's name is written freely: a client's copy of the data leaves it out.

    A client's rows are removed when the client is erased. What is only emptied, or stays, says why (`stays`), and `emptied` with
    what. `own`: what becomes of an organisation's own rows when it alone grants the erasure and the pathway stays.
    """

    of: Who
    why: Why
    kept: Kept
    holds: Mapping[What, tuple[str, ...]]
    plain: tuple[str, ...] = ()
    workers: tuple[str, ...] = ()
    route: str | None = None
    controller: str = ""
    erasure: Erasure = Erasure.DELETE
    emptied: Mapping[str, Any] = field(default_factory=dict)
    own: Erasure | None = None
    stays: str | Promise = ""


Declared = Mapping[type[models.Model], Personal | None]


@dataclass(frozen=True)
class Declarations:
    """What an app says of all its models."""

    app: str
    models: Declared = field(hash=False)


declarations: Registry[Declarations] = Registry("what each model holds of people")

WRITTEN = (models.CharField, models.TextField, models.DateField, models.JSONField, models.FileField, models.BinaryField)


def declared() -> Iterator[tuple[type[models.Model], Personal]]:
    """Every table that holds something of people, in the order of the apps."""
    for app in declarations:
        for model, personal in app.models.items():
            if personal is not None:
                yield model, personal


def is_of_client(model: type[models.Model]) -> bool:
    """Whether a row of the table tells of a client."""
    return any(personal is not None and personal.of == Who.CLIENT for app in declarations for known, personal in app.models.items() if known is model)


def faults() -> list[str]:
    """What is not said, or said wrongly. In English: they are for whoever writes a model."""
    found = []
    said = {model: personal for app in declarations for model, personal in app.models.items()}
    for app in apps.get_app_configs():
        if Path(app.path).parent == settings.BASE_DIR:
            found += [f"{model._meta.label} is not declared in {app.label}/personal.py" for model in app.get_models() if model not in said and not _is_history(model)]
    about_clients = {model for model, personal in said.items() if personal and personal.of == Who.CLIENT}
    for model, personal in said.items():
        if model not in about_clients:
            found += [f"{model._meta.label}.{one.name} leads to a client, but the model is not said to hold anything of clients" for one in _keys(model) if one.related_model in about_clients]
        if personal is not None:
            found += _faults_of(model, personal)
    return found


def _faults_of(model: type[models.Model], personal: Personal) -> Iterator[str]:
    label = model._meta.label
    named = [name for names in personal.holds.values() for name in names] + list(personal.plain)
    fields = {one.name: one for one in model._meta.get_fields()}
    yield from (f"{label}.{name} is declared and does not exist" for name in named if name not in fields)
    yield from (f"{label}.{name} names workers, but is in no category" for name in personal.workers if name not in named)
    yield from (f"{label}.{name} is declared twice" for name in {name for name in named if named.count(name) > 1})
    if personal.of != Who.CLIENT:
        return
    written = [one.name for one in model._meta.concrete_fields if isinstance(one, WRITTEN) and not isinstance(one, models.DateTimeField) and not one.choices]
    yield from (f"{label}.{name} is in no category, and not said to be plain" for name in written if name not in named)
    if personal.route is None:
        yield f"{label} does not say how its rows are found from the client"
    if personal.route and not personal.controller:
        yield f"{label} does not say which organisation answers for its rows"
    if (personal.erasure != Erasure.DELETE) != bool(personal.stays):
        yield f"{label}: what stays after an erasure says why, and nothing else does"
    if (Erasure.EMPTY in (personal.erasure, personal.own)) != bool(personal.emptied) or not set(personal.emptied) <= set(fields):
        yield f"{label}: what is emptied names its fields"
    yield from (f"{label}: no way along {way!r}" for way in (personal.route, personal.controller) if way and not _leads(model, way))


def _leads(model: Any, lookup: str) -> bool:
    for name in lookup.split("__"):
        if model is None or not (name == "pk" or any(one.name == name for one in model._meta.get_fields())):
            return False
        model = None if name == "pk" else model._meta.get_field(name).related_model
    return True


def _keys(model: type[models.Model]) -> list[Any]:
    return [one for one in model._meta.concrete_fields if one.is_relation]


def _is_history(model: type[models.Model]) -> bool:
    """Earlier versions of a declared model: the declaration is the model's own."""
    return hasattr(model, "instance_type") or any(one.name == "m2m_history_id" for one in model._meta.concrete_fields)



DECLARED = Declarations(
    "accounts",
    {
        User: Personal(Who.WORKER, Why.ACCOUNTS, Kept.ACCOUNT, {What.IDENTITY: ("name",), What.CONTACT: ("email",), What.LANGUAGE: ("language",), What.SIGN_IN: ("password", "last_login", "date_joined", "is_active")}),
        EmailAddress: Personal(Who.WORKER, Why.ACCOUNTS, Kept.ACCOUNT, {What.CONTACT: ("email", "verified", "primary")}),
        Authenticator: Personal(Who.WORKER, Why.ACCOUNTS, Kept.ACCOUNT, {What.SIGN_IN: ("type", "data", "created_at", "last_used_at")}),
        # Issuer and subject as a digest; nothing of what the provider told is kept.
        SocialAccount: Personal(Who.WORKER, Why.ACCOUNTS, Kept.ACCOUNT, {What.SIGN_IN: ("provider", "uid", "last_login", "date_joined", "extra_data")}),
        PortalSession: Personal(Who.WORKER, Why.ACCOUNTS, Kept.SESSION, {What.SIGN_IN: ("session_data", "user_id", "membership_id"), What.USE: ("seen_at", "expire_date")}),
        OutboxMessage: Personal(Who.WORKER, Why.MAIL, Kept.MAIL, {What.CONTACT: ("to_email",), What.WORDS: ("subject", "body")}),
        # Codes and numbers only, of clients the pseudonym.
        AuditEvent: Personal(Who.WORKER, Why.SUPERVISION, Kept.LOG, {What.USE: ("at", "actor_id", "organisation_id", "verb", "target_kind", "target_id", "detail")}),
        SocialApp: None,
        SocialToken: None,
        Notification: Personal(Who.WORKER, Why.MAIL, Kept.NOTICE, {What.WORDS: ("title", "path"), What.USE: ("at", "read_at", "digested_at")}),
        NotificationChoice: Personal(Who.WORKER, Why.MAIL, Kept.ACCOUNT, {What.USE: ("kind", "mail", "in_portal")}),
        BouncedAddress: Personal(Who.WORKER, Why.MAIL, Kept.BOUNCE, {What.CONTACT: ("email", "reason")}),
        Lease: None,
        # Numbers of rows only.
        DBTaskResult: None,
        WorkerBeat: None,
        Seal: None,
        SealCheck: None,
    },
)
