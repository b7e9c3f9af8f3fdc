"""The links that a client has shared, and what one of them shows."""
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from guidance.choices import OPTION_OVER, OptionState, SharedSection
from guidance.models import EducationOption, NextStep, Pathway, ShareLink, ShareOpening, WorkplacePeriod
from guidance.queries.own_contacts import phones_of

STUDIED = (OptionState.STARTED, OptionState.COMPLETED)
# The latest of each link; more are counted.
OPENINGS_SHOWN = 10


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def works(link: ShareLink, today: date) -> bool:
    """Whether a link shows anything today: not revoked, within its days, and the client not under non-disclosure."""
    return link.pathway.restricted_at is None and link.revoked_at is None and link.starts_on <= today <= link.ends_on and not link.pathway.client.is_protected


def find_shared(key: str) -> ShareLink | None:
    """The link of a key that works now. Every other key finds nothing: nobody learns whether there was a link."""
    link = ShareLink.objects.select_related("pathway__client", "pathway__process_owner").filter(key_digest=digest_of(key)).first()
    return link if link and works(link, timezone.localdate()) else None


@dataclass(frozen=True)
class SharedPart:
    section: str
    title: str
    lines: list[str]


def shared_parts(pathway: Pathway, sections: list[str]) -> list[SharedPart]:
    """In the order of the list, whatever order was stored; nothing that is not in it."""
    return [SharedPart(one.value, capfirst(str(one.label)), SHOWN[one](pathway)) for one in SharedSection if one.value in sections]


def _goal(pathway: Pathway) -> list[str]:
    return pathway.goal.splitlines()


def _next_step(pathway: Pathway) -> list[str]:
    """Its day and kind; what was written about it, and where it is, stays with those who guide."""
    step = NextStep.objects.open().filter(pathway=pathway).order_by("due_on", "starts_at", "pk").first()
    if step is None:
        return []
    day = date_format(timezone.localtime(step.starts_at), "SHORT_DATETIME_FORMAT") if step.starts_at else date_format(step.due_on, "SHORT_DATE_FORMAT")
    return [_("%(kind)s, %(day)s") % {"kind": capfirst(step.get_kind_display()), "day": day}]


def _named(option: EducationOption) -> str:
    provider = option.provider.name if option.provider else option.provider_outside
    return _("%(title)s, %(provider)s") % {"title": option.title, "provider": provider} if provider else option.title


def _options(pathway: Pathway) -> list[str]:
    rows = pathway.options.select_related("provider").exclude(state__in=(*OPTION_OVER, *STUDIED))
    return [_("%(option)s: %(state)s") % {"option": _named(option), "state": option.get_state_display()} for option in rows]


def _studies(pathway: Pathway) -> list[str]:
    rows = pathway.options.select_related("provider").filter(state__in=STUDIED).prefetch_related(Prefetch("workplace_periods", WorkplacePeriod.objects.order_by("starts_on", "pk")))
    lines = []
    for option in rows:
        days = {"option": _named(option), "start": date_format(option.starts_on, "SHORT_DATE_FORMAT") if option.starts_on else ""}
        if option.ended_on:
            lines.append(_("%(option)s: %(start)s to %(end)s") % (days | {"end": date_format(option.ended_on, "SHORT_DATE_FORMAT")}))
        else:
            lines.append(_("%(option)s: from %(start)s") % days)
        lines += [_("Learning period with an employer from %(start)s") % {"start": date_format(period.starts_on, "SHORT_DATE_FORMAT")} for period in option.workplace_periods.all()]
    return lines


def _contact(pathway: Pathway) -> list[str]:
    """The organisation: whoever guides the client is another person."""
    owner = pathway.process_owner
    if owner is None:
        return []
    return [owner.name, *dict.fromkeys(phone.number for phone in phones_of([owner.pk])[owner.pk])]


SHOWN: dict[SharedSection, Callable[[Pathway], list[str]]] = {
    SharedSection.GOAL: _goal, SharedSection.NEXT_STEP: _next_step, SharedSection.OPTIONS: _options, SharedSection.STUDIES: _studies, SharedSection.CONTACT: _contact,
}


@dataclass(frozen=True)
class SharedLink:
    """A link as its client reads it. `state`: works, coming, over, revoked or protected."""

    link: ShareLink
    state: str
    sections: list[str]
    openings: list[datetime]
    more: int

    @property
    def count(self) -> int:
        return len(self.openings) + self.more


def links_of(pathways: list[Pathway]) -> list[SharedLink]:
    """The newest first; two queries."""
    today = timezone.localdate()
    rows = ShareLink.objects.filter(pathway__in=pathways).select_related("pathway__client").prefetch_related(Prefetch("openings", ShareOpening.objects.order_by("-at", "-pk")))
    return [_as_read(link, today) for link in rows]


def _as_read(link: ShareLink, today: date) -> SharedLink:
    moments = [opening.at for opening in link.openings.all()]
    labels = [str(one.label) for one in SharedSection if one.value in link.sections]
    return SharedLink(link, _state(link, today), labels, moments[:OPENINGS_SHOWN], max(0, len(moments) - OPENINGS_SHOWN))


def _state(link: ShareLink, today: date) -> str:
    if link.revoked_at:
        return "revoked"
    if link.ends_on < today:
        return "over"
    if link.pathway.client.is_protected:
        return "protected"
    return "coming" if today < link.starts_on else "works"
