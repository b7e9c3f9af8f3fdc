"""A counsellor's home: what waits, most urgent first. The number of each part is the number of rows in its list."""
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_safe

from guidance.choices import EntryKind, HandoffKind, HandoffState, LadderStep, LogAction, Stage
from guidance.models import ClientEntry, Handoff, Pathway
from guidance.queries.waiting import (
    ANSWER,
    COUNTED,
    KEYS,
    LEAD,
    MEET,
    MODELS,
    NO_ANSWER,
    NOT_CALLED,
    NOT_TAKEN,
    OVERDUE,
    RIGHTS,
    STALE,
    TODAY,
    UNANSWERED,
    UNMET,
    WEEK,
    WRITTEN,
    Part,
    codes_of,
    desk_of,
    waiting_parts,
    waiting_rows,
)
from guidance.queries.waiting_desk import Desk
from guidance.queries.waiting_things import Thing, listed_fields, thing_of
from guidance.reading import client_page
from guidance.registries import desk_links
from pilots.queries.keyset import keyset_page

ON_PAGE = 25
TITLES = {
    WRITTEN: gettext_lazy("Written by my clients, not answered"),
    NOT_CALLED: gettext_lazy("Clients of the partnership that I lead say that nobody has contacted them"),
    OVERDUE: gettext_lazy("Late steps"),
    ANSWER: gettext_lazy("Hand-offs to answer"),
    NOT_TAKEN: gettext_lazy("Hand-offs of mine that were not taken"),
    MEET: gettext_lazy("First contacts that a colleague of mine has not confirmed"),
    LEAD: gettext_lazy("Silent hand-offs of the partnership that I lead"),
    TODAY: gettext_lazy("Today"),
    WEEK: gettext_lazy("The next seven days"),
    UNANSWERED: gettext_lazy("Hand-offs of mine, not answered"),
    UNMET: gettext_lazy("Hand-offs of mine, accepted but not met"),
    NO_ANSWER: gettext_lazy("Not reached: on the waiting list after three calls"),
    STALE: gettext_lazy("Nothing has happened for long"),
    RIGHTS: gettext_lazy("Requests about own data"),
}
# Shown also when empty: whoever looks wants to know that there is none.
ALWAYS = (OVERDUE, ANSWER, TODAY)


@dataclass(frozen=True)
class Shown:
    """A row in words: `day_is` says what the day is, `tag` comes as a badge. Where everything is late the title says so."""

    url: str
    title: str
    pseudonym: str
    facts: list[str]
    day_is: str
    when: object = None
    has_time: bool = False
    is_late: bool = False
    tag: str = ""
    instead_of: str = ""


@dataclass(frozen=True)
class Section:
    code: str
    title: str
    count: int
    rows: list[Shown]
    more_url: str


@require_safe
@client_page
def waiting(request: HttpRequest) -> HttpResponse:
    desk = desk_of(request.acting, timezone.now())
    parts = waiting_parts(desk)
    request.reading.show([thing for part in parts.values() for thing in part.things], action=LogAction.LIST)
    # The frame shows the same number without asking again.
    request.waiting_count = count = sum(part.count for code, part in parts.items() if code in COUNTED)
    sections = [_section(desk, parts[code]) for code in TITLES if code in parts and (parts[code].count or code in ALWAYS)]
    context = {
        "sections": sections,
        "today": desk.today,
        "summary": ngettext("%(count)d thing is late, due today or asked of you.", "%(count)d things are late, due today or asked of you.", count) % {"count": count} if count else "",
        "stands_in": len(desk.people) - 1,
        "desk_links": [link() for link in desk_links],
    }
    return render(request, "guidance/waiting.html", context)


@require_safe
@client_page
def waiting_list(request: HttpRequest, show: str) -> HttpResponse:
    """One part in full."""
    if show not in MODELS or show not in codes_of(request.acting):
        raise Http404
    desk = desk_of(request.acting, timezone.now(), for_list=True)
    request.waiting_count = desk.waiting_count
    rows = waiting_rows(desk, show)
    page = keyset_page(rows.annotate(**listed_fields(rows.model)), KEYS[rows.model], known=rows, size=ON_PAGE, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    things = [thing_of({"pk": row.pk} | {name: getattr(row, f"shown_{name}") for name in _names(rows.model)}, desk.absent) for row in page.rows]
    request.reading.show(things, action=LogAction.LIST)
    context = {
        "title": TITLES[show],
        "rows": [shown(desk, show, thing) for thing in things],
        "page": page,
        "count_text": ngettext("%(count)d row", "%(count)d rows", page.count) % {"count": page.count},
        "breadcrumbs": [(_("Waiting for me"), reverse("guidance:waiting")), (TITLES[show], "")],
    }
    return render(request, "guidance/waiting_list.html", context)


def _names(model: type) -> list[str]:
    return [name.removeprefix("shown_") for name in listed_fields(model)]


def _section(desk: Desk, part: Part) -> Section:
    more = (reverse("guidance:rights_list") if part.code == RIGHTS else reverse("guidance:waiting_list", args=[part.code])) if part.is_cut else ""
    return Section(part.code, str(TITLES[part.code]), part.count, [shown(desk, part.code, thing) for thing in part.things], more)


def shown(desk: Desk, code: str, thing: Thing) -> Shown:
    model = MODELS[code]
    if model is Handoff:
        return _handoff(desk, code, thing)
    if model is ClientEntry:
        url = f"{reverse('guidance:lead_list', args=[thing.partnership])}?show={NOT_CALLED}" if code == NOT_CALLED else reverse("guidance:entry_answer", args=[thing.pseudonym, thing.pk])
        is_urgent = thing.what == EntryKind.NOT_CONTACTED
        return Shown(url, str(EntryKind(thing.what).label).capitalize(), thing.pseudonym, [Stage(thing.stage).label], _("written on"), when=thing.moment, has_time=True, is_late=is_urgent, tag=_("Urgent") if is_urgent else "")
    url = reverse("guidance:pathway_detail", args=[thing.pseudonym])
    if model is Pathway:
        return Shown(url, thing.name, thing.pseudonym, [Stage(thing.stage).label], _("nothing since"), when=thing.moment)
    return Shown(f"{url}#steps", thing.name, thing.pseudonym, [thing.what], _("appointment") if thing.moment else pgettext("step", "due"), when=thing.moment or thing.day, has_time=thing.moment is not None, is_late=code == OVERDUE, instead_of=thing.instead_of)


def _handoff(desk: Desk, code: str, thing: Thing) -> Shown:
    """Before the answer the receiver knows no name; the sender's own rows show the pseudonym too, so that both speak of the same.

    The lead goes on from the list of the partnership, for the hand-off itself is seen by its two sides only.
    """
    kind = str(HandoffKind(thing.what).label).capitalize()
    if code in (MEET, LEAD):
        title = _("%(kind)s from %(sender)s to %(receiver)s") % {"kind": kind, "sender": thing.from_name, "receiver": thing.to_name}
    else:
        title = _("%(kind)s to %(organisation)s") if code != ANSWER else _("%(kind)s from %(organisation)s")
        title %= {"kind": kind, "organisation": thing.from_name if code == ANSWER else thing.to_name}
    url = reverse("guidance:lead_list", args=[thing.partnership]) if code == LEAD else reverse("guidance:handoff_detail", args=[thing.pk])
    if code == NOT_TAKEN:
        return Shown(url, title, thing.pseudonym, [_("choose the next way")], pgettext("hand-off", "declined on"), when=thing.moment, has_time=True, instead_of=thing.instead_of)
    accepted = thing.kind == HandoffState.ACCEPTED
    late = (timezone.localdate(thing.moment) if accepted and thing.moment else thing.day) < desk.today
    tag = str(LadderStep(thing.ladder).label).capitalize() if thing.ladder else _("Late") if late else ""
    own = thing.instead_of if code in (UNANSWERED, UNMET) else ""
    return Shown(url, title, thing.pseudonym, [], _("first contact") if accepted else _("answer by"), when=thing.moment if accepted else thing.day, has_time=accepted, is_late=late, tag=tag, instead_of=own)
