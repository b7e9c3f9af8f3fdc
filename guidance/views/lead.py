"""The partnership lead's page: silent hand-offs, stale pathways, and the last proof that nobody is lost."""
from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.actions.leases import lease
from guidance.actions.checks import run_checks
from guidance.actions.ladder import is_paused
from guidance.actions.reminders import remind_again
from guidance.choices import LogAction, Purpose, Stage
from guidance.models import ClientEntry, Handoff, Partnership
from guidance.permissions import may_lead
from guidance.queries.lead import (
    CHECK,
    HANDOFFS,
    LOG_NOT_AS_SEALED,
    NOT_CALLED,
    STALE,
    Broken,
    broken_in,
    not_called,
    silent_handoffs,
    stale_pathways,
    with_last_check,
    with_people,
)
from guidance.queries.waiting import COUNTED, frame_counts
from guidance.reading import Refused, client_page
from guidance.registries import desk_links
from pilots.choices import Permission
from pilots.queries.keyset import MOST_COUNTED, KeysetPage, RowCount, keyset_page
from services.conflicts import Conflict

ON_PAGE = 25
CHECK_LASTS = timedelta(minutes=5)
RULES = {
    "figures_differ": gettext_lazy("Figures differ from the files they are counted from"),
    "without_owner": gettext_lazy("No owner, or the responsible person is not active"),
    "owner_takes_no_part": gettext_lazy("The owner does not take part"),
    "lead_not_active": gettext_lazy("The guidance lead is not active or takes no part"),
    "study_counsellor_not_active": gettext_lazy("The study counsellor is not active or takes no part"),
    "stage_differs_from_history": gettext_lazy("The stage differs from its history"),
    "stage_history_starts_late": gettext_lazy("The history of stages starts late"),
    "without_next_step": gettext_lazy("No next step"),
    "step_without_person": gettext_lazy("A step without an active responsible person"),
    "participation_without_person": gettext_lazy("A participation without an active person"),
    "participation_without_basis": gettext_lazy("A participation without its bases"),
    "participation_without_consent": gettext_lazy("A participation by consent without a consent in force"),
    "handoff_without_consent": gettext_lazy("A hand-off by consent without a consent in force"),
    "handoff_past_its_ladder": gettext_lazy("A hand-off that is silent beyond its ladder"),
    "handoff_without_people": gettext_lazy("A hand-off without an active sender or receiver"),
    "accepted_without_participation": gettext_lazy("Accepted, but the receiver does not take part"),
    "accepted_without_first_contact": gettext_lazy("Accepted, but no first contact is on anybody's list"),
    "protected_without_named_person": gettext_lazy("A client under non-disclosure without anybody who sees what is hidden"),
    "handoff_of_ended_pathway": gettext_lazy("An open hand-off of an ended pathway"),
    "ended_with_open_work": gettext_lazy("An ended pathway with open work"),
    "next_due_differs": gettext_lazy("The day of the next step is written wrong"),
    "last_event_differs": gettext_lazy("The time of the last event is written wrong"),
    "name_differs": gettext_lazy("The name in an organisation’s list is not the client’s"),
    "basis_ended": gettext_lazy("The employment authority's basis has ended"),
    "partnership_without_lead": gettext_lazy("The partnership has no active lead"),
    "seat_of_ended_pathway": gettext_lazy("A seat on a course that an ended pathway has left behind"),
    "seat_of_a_stranger": gettext_lazy("A seat on a course by an organisation that has not taken part"),
    "seat_twice": gettext_lazy("Two seats on the same run of a course"),
    "seat_told_differs": gettext_lazy("A seat has changed and the timeline does not tell it"),
    "alias_of_a_living_pathway": gettext_lazy("A merged identifier has been given out again"),
    LOG_NOT_AS_SEALED: gettext_lazy("The read log is not as it was written: tell the operator"),
}


@dataclass(frozen=True)
class Tab:
    code: str
    label: str
    count: int
    url: str
    current: bool


@dataclass(frozen=True)
class Row:
    pseudonym: str
    facts: list[str]
    days: str
    # Of a hand-off only: workers of both sides, how far silence has gone, and whether a reminder may go out today.
    people: tuple["Contact", ...] = ()
    step: str = ""
    reminded: str = ""
    remind_url: str = ""


@dataclass(frozen=True)
class Contact:
    side: str
    name: str
    organisation: str
    email: str


def _led(request: HttpRequest, slug: str) -> Partnership:
    """Of another's partnership one is told the same as of none. The number in the frame comes along."""
    rows = with_last_check(Partnership.objects.filter(slug=slug))
    partnership = rows.annotate(**{f"waiting_{code}": count for code, count in frame_counts(request.acting, timezone.now()).items()}).first()
    if partnership is None or not may_lead(request.acting, partnership):
        raise Refused
    request.waiting_count = sum(getattr(partnership, f"waiting_{code}") for code in COUNTED)
    return partnership


def _read(request: HttpRequest, partnership: Partnership, show: str, lists: dict) -> tuple[KeysetPage, dict[str, int]]:
    """The page of one list, if one is shown, and how many rows each list has; the page's rows bring the other numbers along."""
    counted = {code: RowCount(rows, MOST_COUNTED + 1) for code, (rows, _key) in lists.items()}
    page = KeysetPage([], 0, None, None)
    if show in lists:
        rows, key = lists[show]
        others = {f"count_{place}": code for place, code in enumerate(lists) if code != show}
        page = keyset_page(rows.annotate(**{name: counted[code] for name, code in others.items()}), key, known=rows, size=ON_PAGE, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
        if page.rows:
            return page, {show: page.count} | {code: getattr(page.rows[0], name) for name, code in others.items()}
    found = Partnership.objects.filter(pk=partnership.pk).values(**{f"count_{place}": counted[code] for place, code in enumerate(lists)})[0]
    return page, {code: found[f"count_{place}"] for place, code in enumerate(lists)}


@require_safe
@client_page(purpose=Purpose.LEAD, permission=Permission.LEAD_PARTNERSHIP)
def lead_list(request: HttpRequest, slug: str) -> HttpResponse:
    partnership = _led(request, slug)
    now = timezone.now()
    lists = {HANDOFFS: (with_people(silent_handoffs(partnership)), "sent_at"), STALE: (stale_pathways(partnership, now).select_related("process_owner"), "last_event_at"), NOT_CALLED: (not_called(partnership).select_related("pathway__process_owner", "pathway__process_person__user"), "at")}
    show = request.GET.get("show", HANDOFFS)
    show = show if show in (*lists, CHECK) else HANDOFFS
    broken = broken_in(partnership)
    page, counts = _read(request, partnership, show, lists)
    counts[CHECK] = sum(one.count for one in broken)
    _say_shown(request, show, page, broken)
    here = reverse("guidance:lead_list", args=[slug])
    labels = {HANDOFFS: _("Silent hand-offs"), STALE: _("Stale pathways"), NOT_CALLED: _("Nobody has contacted them"), CHECK: _("Last check")}
    context = {
        "partnership": partnership,
        "tabs": [Tab(code, label, counts[code], f"{here}?show={code}", code == show) for code, label in labels.items()],
        "show": show,
        "rows": [_row(row, now, slug) for row in page.rows],
        "page": page,
        "broken": [(RULES.get(one.rule, one.rule), one) for one in broken],
        "desk_links": [link() for link in desk_links],
        "breadcrumbs": [(partnership.name, reverse("guidance:partnership_detail", args=[slug])), (_("For the lead"), "")],
    }
    return render(request, "guidance/lead_list.html", context)


@dataclass(frozen=True)
class Subject:
    pseudonym: str


def _say_shown(request: HttpRequest, show: str, page: KeysetPage, broken: list[Broken]) -> None:
    if show == CHECK:
        shown = [Subject(row["pseudonym"]) for one in broken for row in one.rows]
    else:
        shown = [row.pathway if isinstance(row, Handoff | ClientEntry) else row for row in page.rows]
    request.reading.show(shown, action=LogAction.LIST, purpose=Purpose.LEAD)


def _row(row, now, slug: str) -> Row:
    if isinstance(row, Handoff):
        days = (now - row.sent_at).days
        words = ngettext("sent %(count)d day ago", "sent %(count)d days ago", days) % {"count": days}
        way = _("from %(sender)s to %(receiver)s") % {"sender": row.from_organisation.name, "receiver": row.receiver_name}
        facts = [str(Stage(row.pathway.stage).label), way, str(row.get_state_display())]
        today = timezone.localdate(now)
        may_remind = not is_paused(row, now) and (row.reminded_at is None or timezone.localdate(row.reminded_at) < today)
        return Row(
            row.pathway.pseudonym, facts, words, _contacts(row), _("%(step)s on %(day)s") % {"step": capfirst(row.get_ladder_step_display()), "day": _day(row.ladder_moved_at)},
            _("You reminded on %(day)s.") % {"day": _day(row.reminded_at)} if row.reminded_at else "",
            reverse("guidance:lead_remind", args=[slug, row.pk]) if may_remind else "",
        )
    if isinstance(row, ClientEntry):
        pathway, person = row.pathway, row.pathway.process_person
        days = (now - row.at).days
        words = ngettext("written %(count)d day ago", "written %(count)d days ago", days) % {"count": days}
        return Row(pathway.pseudonym, [str(Stage(pathway.stage).label)], words, (Contact(_("Responsible person"), person.user.name, pathway.process_owner.name, person.user.email),))
    days = (now - row.last_event_at).days
    words = ngettext("%(count)d day without an event", "%(count)d days without an event", days) % {"count": days}
    return Row(row.pseudonym, [str(Stage(row.stage).label), row.process_owner.name], words)


def _day(at) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATE_FORMAT")


def _contacts(handoff: Handoff) -> tuple[Contact, ...]:
    """Workers only, never the client. Where nobody is named the reminder goes to all who can take it up."""
    sender, receiver = handoff.from_person, handoff.answered_by or handoff.to_person
    other = receiver.user if receiver else None
    return (
        Contact(_("Sender"), sender.user.name, handoff.from_organisation.name, sender.user.email),
        Contact(_("Receiver"), other.name if other else _("nobody named"), handoff.receiver_name, other.email if other else handoff.to_outside_email),
    )


@require_POST
@client_page(purpose=Purpose.LEAD, permission=Permission.LEAD_PARTNERSHIP)
def lead_remind(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A mail to all who can take the hand-off up."""
    partnership = _led(request, slug)
    handoff = Handoff.objects.select_related("pathway").filter(pathway__partnership=partnership, pk=pk).first()
    if handoff is None:
        raise Refused
    request.reading.show([handoff.pathway], action=LogAction.CHANGE, purpose=Purpose.LEAD)
    try:
        remind_again(by=request.acting, handoff=handoff)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except Conflict as conflict:
        messages.info(request, str(conflict))
    else:
        messages.success(request, _("A reminder is on its way to all who can take the hand-off up."))
    return redirect(f"{reverse('guidance:lead_list', args=[slug])}?show={HANDOFFS}")


@require_POST
@client_page(purpose=Purpose.LEAD, permission=Permission.LEAD_PARTNERSHIP)
def lead_check(request: HttpRequest, slug: str) -> HttpResponse:
    """The nightly proof, now. One at a time: it reads everything."""
    _led(request, slug)
    request.reading.counts_only()
    now = timezone.now()
    with lease("check_pathways", now=now, lasts=CHECK_LASTS) as mine:
        if mine:
            run_checks(now)
            messages.success(request, _("Everything has been checked."))
        else:
            messages.info(request, _("A check is under way. Look again in a moment."))
    return redirect(f"{reverse('guidance:lead_list', args=[slug])}?show={CHECK}")
