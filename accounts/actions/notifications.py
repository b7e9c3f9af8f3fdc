"""Telling people: at once by mail, with the weekly mail, in the portal, as each has chosen. docs/decisions/0020."""
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actions.outbox import mail_text, queue_mail
from accounts.models import Notification, NotificationChoice, User, Way
from accounts.notifications import kind_of, notification_kinds

DIGEST_DAY, DIGEST_TIME = 0, time(7)
MOST_IN_DIGEST = 50
BATCH = 200
LONGEST_PATH = Notification._meta.get_field("path").max_length or 0
KEPT = timedelta(days=183)


@transaction.atomic
def notify(
    *, user_id: int, kind: str, page: str, arguments: Iterable[str | int] = (), query: str = "", context: Mapping[str, Any] | None = None, to_email: str = "", now: datetime | None = None
) -> None:
    """Tell a person with the mail `mails/<kind>.txt` of what is at the view `page`, in their language and the way they chose.

    Call it inside the action's transaction. The template gets `address`; a callable in `context` is called in the reader's
    language. Of a client nothing may stand in it: neither name nor pseudonym nor text (`mail_text` refuses a client's row).
    `to_email`: another address than the person's own. KeyError for a mail that no kind names.
    """
    found = kind_of(kind)
    chosen = NotificationChoice.objects.filter(user=OuterRef("pk"), kind=found.code)
    person = User.objects.annotate(way=Subquery(chosen.values("mail")[:1]), listed=Subquery(chosen.values("in_portal")[:1])).filter(pk=user_id)[0]
    way, listed = (Way.NOW, True) if found.always or person.way is None else (person.way, person.listed)
    at = now or timezone.now()
    with translation.override(person.language):
        path = reverse(page, args=tuple(arguments))
        path = path + query if len(path + query) <= LONGEST_PATH else path
    told = dict(context or {}) | {"address": settings.PUBLIC_ORIGIN + path}
    if way == Way.NOW:
        title = queue_mail(kind=kind, to_email=to_email or person.email, language=person.language, context=told, now=at).subject
    else:
        title, _body = mail_text(kind, person.language, told)
    if listed or way == Way.WEEKLY:
        Notification.objects.create(user=person, kind=found.code, at=at, title=title, path=path, in_portal=listed, weekly=way == Way.WEEKLY)


@transaction.atomic
def choose_notifications(*, by: User, choices: Mapping[str, tuple[str, bool]]) -> None:
    """Keep what the person wants of each kind: (by mail, in the portal). ValidationError for a kind that cannot be chosen."""
    open_to_choice = {kind.code for kind in notification_kinds if not kind.always}
    if set(choices) - open_to_choice or any(way not in Way.values for way, _listed in choices.values()):
        raise ValidationError(_("This kind of notification cannot be chosen."))
    for code, (way, listed) in sorted(choices.items()):
        NotificationChoice.objects.update_or_create(user=by, kind=code, defaults={"mail": way, "in_portal": listed})


def read_notification(*, by: User, notification: Notification) -> Notification:
    """Mark one's own as read. The first time counts."""
    Notification.objects.unread().filter(pk=notification.pk, user=by).update(read_at=timezone.now())
    return notification


def read_all(*, by: User) -> int:
    return Notification.objects.unread().filter(user=by).update(read_at=timezone.now())


def send_digests(now: datetime) -> int:
    """The weekly mail, after Monday 7 o'clock, with what came before that moment; a missed Monday is made up for. A due job."""
    until = _last_digest_time(now)
    people = Notification.objects.for_digest(until).order_by("user_id").values_list("user_id", flat=True).distinct()[:BATCH]
    return sum(_send_digest(user_id, until, now) for user_id in list(people))


@transaction.atomic
def _send_digest(user_id: int, until: datetime, now: datetime) -> int:
    rows = list(Notification.objects.for_digest(until).select_for_update(of=("self",)).filter(user=user_id).select_related("user").order_by("at", "pk"))
    if not rows:
        return 0
    user = rows[0].user
    lines = [(row.title, settings.PUBLIC_ORIGIN + row.path) for row in rows[-MOST_IN_DIGEST:]]
    with translation.override(user.language):
        address = settings.PUBLIC_ORIGIN + reverse("notification_list")
    queue_mail(kind="digest", to_email=user.email, language=user.language, context={"lines": lines, "count": len(rows), "more": len(rows) - len(lines), "address": address}, now=now)
    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(digested_at=now)
    return 1


def _last_digest_time(now: datetime) -> datetime:
    today = timezone.localtime(now)
    monday = today.date() - timedelta(days=(today.weekday() - DIGEST_DAY) % 7)
    moment = timezone.make_aware(datetime.combine(monday, DIGEST_TIME))
    return moment if moment <= now else timezone.make_aware(datetime.combine(monday - timedelta(days=7), DIGEST_TIME))


def drop_old_notifications(now: datetime) -> int:
    """What is half a year old is forgotten, read or not. A due job."""
    count, _each = Notification.objects.filter(at__lt=now - KEPT).delete()
    return count
