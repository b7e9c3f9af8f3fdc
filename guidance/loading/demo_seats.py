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
from services.actions.enrolments import move_enrolment
from services.actions.notices import handlers_of
from services.choices import EnrolmentState, Entry
from services.models import CourseRun, Enrolment

# Of these people the first clients by name; in the order of what becomes of them.
WHOSE = ("ohjaaja-kuopio@example.org", "ohjaaja-sakky@example.org")
HELD, ENROLLED, APPLIED, WAITING, COMPLETED = "held", "enrolled", "applied", "waiting", "completed"
FATES = (HELD, APPLIED, ENROLLED, WAITING, COMPLETED, HELD, ENROLLED)


def give_seats(world: World, seed: int) -> None:
    """Yesterday they were asked for; the completed ones on an earlier run. No mails: nobody waits for news of what is invented."""
    sent = OutboxMessage.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for person in sorted((one for people in world.people.values() for one in people if one.user.email in WHOSE), key=lambda one: WHOSE.index(one.user.email)):
        mine = Pathway.objects.open().filter(Q(process_person=person) | Q(guidance_lead=person), client__is_protected=False, enrolments=None)
        pathways = list(mine.filter(opened_at__lt=world.until - timedelta(days=300)).order_by("client__sort_key", "pk")[: len(FATES)])
        for number, (pathway, fate) in enumerate(zip(pathways, FATES, strict=False)):
            _seat(world, person, pathway, fate, uuid.uuid5(uuid.NAMESPACE_OID, f"{seed} {person.user.email} {number}"))
    Enrolment.objects.filter(reference__in=PathwayEnrolment.objects.filter(pathway__partnership=world.partnership).values("enrolment")).update(is_demo=True)
    OutboxMessage.objects.filter(pk__gt=sent, kind__startswith="enrolment_").delete()


def _seat(world: World, person: Membership, pathway: Pathway, fate: str, token: uuid.UUID) -> None:
    asked = world.until - timedelta(hours=14)
    if fate == COMPLETED:
        for run in CourseRun.objects.filter(is_demo=True, entry=Entry.HOLD, last_day__lt=timezone.localdate(world.until)).select_related("service").order_by("-last_day", "pk"):
            if handlers := handlers_of(run.service.organisation_id):
                link = enrol_client(by=person, pathway=pathway, run=run, token=token, now=datetime.combine(run.enrol_by, time(10), UTC))
                enrolment = Enrolment.objects.select_related("run").get(reference=link.enrolment_id)
                move_enrolment(by=handlers[0], enrolment=enrolment, target=EnrolmentState.COMPLETED, attended=1, now=datetime.combine(run.last_day, time(13), UTC))
                return
        return
    for hit in _hits(person, pathway, asked):
        free = is_free(hit.seats, person.organisation_id)
        fits = {HELD: hit.run.entry == Entry.HOLD and free, ENROLLED: hit.run.entry == Entry.HOLD and free, APPLIED: hit.run.entry == Entry.APPLY, WAITING: hit.run.entry == Entry.HOLD and not free}
        if hit.run.is_demo and fits[fate]:
            option = EducationOption.objects.filter(pathway=pathway, state="considered").order_by("pk").first() if fate in (APPLIED, WAITING) else None
            enrol_client(by=person, pathway=pathway, run=hit.run, only_hold=fate == HELD, option=option, token=token, now=asked)
            return


def _hits(person: Membership, pathway: Pathway, asked: datetime) -> Iterator[Hit]:
    """The nearest first, then from anywhere: what is full is seldom among the best."""
    found = pathway_for_page(person, pathway.pseudonym)
    if found is None:
        return
    page = PathwayPage(found, person, asked)
    for within in (100, 0):
        yield from find_courses(person, wanted_by(page), today=timezone.localdate(asked), within=within).hits
