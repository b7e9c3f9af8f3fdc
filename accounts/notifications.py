"""The kinds of notification. Each app declares its own in its `notifications.py`; a mail that no kind names goes to nobody."""
from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.registries import Registry


def everybody(_request: HttpRequest) -> bool:
    return True


@dataclass(frozen=True)
class Kind:
    """`mails`: the templates `mails/<name>.txt` that belong to it. `always`: why it cannot be turned off, "" when it can.

    `meant_for`: whether the reader is shown the choice, for what one's work never brings need not be chosen.
    """

    code: str
    title: str | Promise
    mails: tuple[str, ...]
    always: str | Promise = ""
    meant_for: Callable[[HttpRequest], bool] = everybody


notification_kinds: Registry[Kind] = Registry("kinds of notification")


def kind_of(mail: str) -> Kind:
    """The kind that a mail belongs to. KeyError for a mail that no app has declared."""
    for kind in notification_kinds:
        if mail in kind.mails:
            return kind
    raise KeyError(f"No kind of notification has the mail {mail}: declare it in the app's notifications.py.")


ACCOUNT = Kind("account", _("Changes to your account"), ("account_notice",), always=_("Always at once: it would tell you if somebody else changed your account."))
