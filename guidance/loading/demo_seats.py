"""Seats on the demo's invented courses for some clients of those who sign in, made by the portal's own actions.

Without demo courses there are none; `load_services` comes first. The same courses and clients give the same seats.
"""
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.models import OutboxMessage
from guidance.actions.enrolments import enrol_client
from guidance.loading.demo_rows import World
from guidance.models import EducationOption, Pathway, PathwayEnrolment
from guidance.queries.course_matching import Hit, find_courses, is_free, wanted_by
from guidance.queries.pathway_page import PathwayPage
from guidance.queries.pathway_rows import pathway_for_page
from pilots.models import Membership
from services.actions.enrolments import expire_holds, move_enrolment
from services.actions.notices import handlers_of
from services.choices import EnrolmentState, Entry
from services.models import CourseRun, Enrolment

# Of these people the first clients by name; in the order of what becomes of them. Together every state of a seat.
State = EnrolmentState
WHOSE = {
    "ohjaaja-kuopio@example.org": (State.HELD, State.APPLIED, State.ENROLLED, State.WAITING, State.COMPLETED, State.DECLINED, State.INTERRUPTED),
    "ohjaaja-sakky@example.org": (State.HELD, State.APPLIED, State.ENROLLED, State.CANCELLED, State.EXPIRED, State.COMPLETED, State.WAITING),
}
REASON = "Ryhmä on jo koossa; seuraava alkaa syksyllä."


def give_seats(world: World, seed: int) -> None:
    """Yesterday they were asked for; the completed ones on an earlier run. No mails: nobody waits for news of what is invented."""
    sent = OutboxMessage.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for person in sorted((one for people in world.people.values() for one in people if one.user.email in WHOSE), key=lambda one: list(WHOSE).index(one.user.email)):
        mine = Pathway.objects.open().filter(Q(process_person=person) | Q(guidance_lead=person), client__is_protected=False, enrolments=None)
        pathways = list(mine.filter(opened_at__lt=world.until - timedelta(days=300)).order_by("client__sort_key", "pk")[: len(WHOSE[person.user.email])])
        for number, (pathway, fate) in enumerate(zip(pathways, WHOSE[person.user.email], strict=False)):
            _seat(world, person, pathway, fate, uuid.uuid5(uuid.NAMESPACE_OID, f"{seed} {person.user.email} {number}"))
    Enrolment.objects.filter(reference__in=PathwayEnrolment.objects.filter(pathway__partnership=world.partnership).values("enrolment")).update(is_demo=True)
    OutboxMessage.objects.filter(pk__gt=sent, kind__startswith="enrolment_").delete()


def _seat(world: World, person: Membership, pathway: Pathway, fate: State, token: uuid.UUID) -> None:
    asked = world.until - timedelta(days=9 if fate == State.EXPIRED else 0, hours=14)
    if fate in (State.COMPLETED, State.INTERRUPTED, State.DECLINED):
        return _answered(world, person, pathway, fate, token)
    for hit in _hits(person, pathway, asked):
        free = is_free(hit.seats, person.organisation_id)
        entry, is_right = {State.APPLIED: (Entry.APPLY, True), State.WAITING: (Entry.HOLD, not free)}.get(fate, (Entry.HOLD, free))
        if hit.run.is_demo and hit.run.entry == entry and is_right:
            option = EducationOption.objects.filter(pathway=pathway, state="considered").order_by("pk").first() if fate in (State.APPLIED, State.WAITING) else None
            link = enrol_client(by=person, pathway=pathway, run=hit.run, only_hold=fate in (State.HELD, State.CANCELLED, State.EXPIRED), option=option, token=token, now=asked)
            if fate == State.CANCELLED:
                move_enrolment(by=person, enrolment=_of(link), target=fate, now=world.until - timedelta(hours=2))
            elif fate == State.EXPIRED:
                expire_holds(world.until)
            return


def _answered(world: World, person: Membership, pathway: Pathway, fate: State, token: uuid.UUID) -> None:
    """What the provider has decided: on a run that is over, or on an application to one that comes."""
    today = timezone.localdate(world.until)
    coming = CourseRun.objects.filter(is_demo=True, entry=Entry.APPLY, enrol_by__gt=today).order_by("first_day", "pk")
    over = CourseRun.objects.filter(is_demo=True, entry=Entry.HOLD, last_day__lt=today).order_by("-last_day", "pk")
    for run in (coming if fate == State.DECLINED else over).select_related("service"):
        if handlers := handlers_of(run.service.organisation_id):
            first, last = (world.until - timedelta(days=3), world.until - timedelta(hours=5)) if fate == State.DECLINED else (datetime.combine(run.enrol_by, time(10), UTC), datetime.combine(run.last_day, time(13), UTC))
            link = enrol_client(by=person, pathway=pathway, run=run, token=token, now=first)
            more = {"reason": REASON} if fate == State.DECLINED else {"attended": int(fate == State.COMPLETED)}
            move_enrolment(by=handlers[0], enrolment=_of(link), target=fate, now=last, **more)
            return


def _of(link: PathwayEnrolment) -> Enrolment:
    return Enrolment.objects.select_related("run").get(reference=link.enrolment_id)


def _hits(person: Membership, pathway: Pathway, asked: datetime) -> Iterator[Hit]:
    """The nearest first, then from anywhere: what is full is seldom among the best."""
    found = pathway_for_page(person, pathway.pseudonym)
    if found is None:
        return
    page = PathwayPage(found, person, asked)
    for within in (100, 0):
        yield from find_courses(person, wanted_by(page), today=timezone.localdate(asked), within=within).hits
