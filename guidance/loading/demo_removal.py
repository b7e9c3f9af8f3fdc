"""The demo's clients taken away again, so that its people can go too and nobody is left without an owner."""
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from guidance.actions.enrolments import release_seats
from guidance.models import Absence, Attachment, Client, DropIn, Handoff, ImportBatch, Partnership, Pathway, PathwayEnrolment, WorkplacePeriod
from guidance.registries import pathways_go
from pilots.attachments import forget
from services.models import Enrolment


@dataclass(frozen=True)
class Removed:
    clients: int
    drop_ins: int
    closed_partnerships: int


@transaction.atomic
def remove_caseload() -> Removed:
    """Remove every client for whom a demo person answers, with all history, and shut a partnership that the demo opened.

    The read log stays, as it always does: it has pseudonyms only.
    """
    pathways = Pathway.objects.filter(process_person__user__is_demo=True)
    clients = list(Client.objects.filter(pathways__in=pathways).exclude(pathways__in=Pathway.objects.exclude(process_person__user__is_demo=True)).distinct().values_list("pk", flat=True))
    drop_ins, _by_model = DropIn.objects.filter(Q(event__pathway__in=pathways) | Q(by__user__is_demo=True)).delete()
    for link in PathwayEnrolment.objects.filter(pathway__in=pathways).unsettled().select_related("pathway").order_by("pk"):
        release_seats(link.pathway, by=None, now=timezone.now())
    seats = list(PathwayEnrolment.objects.filter(pathway__in=pathways, enrolment__is_demo=True).values_list("enrolment", flat=True))
    Handoff.objects.filter(pathway__in=pathways).update(reopens=None)
    for stored_as in Attachment.objects.filter(pathway__in=pathways).values_list("stored_as", flat=True):
        transaction.on_commit(lambda stored_as=stored_as: forget(stored_as))
    Absence.objects.filter(Q(membership__user__is_demo=True) | Q(substitute__user__is_demo=True)).delete()
    ImportBatch.objects.filter(Q(by__user__is_demo=True) | Q(stored_by__user__is_demo=True)).delete()
    WorkplacePeriod.objects.filter(pathway__in=pathways).delete()
    pathways_go(pathways.values_list("pk", flat=True))
    pathways.delete()
    Enrolment.objects.filter(reference__in=seats).delete()
    Client.objects.filter(pk__in=clients).delete()
    Client.history.filter(id__in=clients).delete()
    opened_by_demo = Partnership.objects.filter(roles_agreement__startswith="Demo:").exclude(pathways__isnull=False)
    for partnership in opened_by_demo:
        partnership.opened_at = partnership.lead = partnership.substitute = partnership.roles_agreed_on = None
        partnership.roles_agreement = partnership.dpia_reference = ""
        partnership.save()
        partnership.parts.update(acts_as_authority=None)
    return Removed(len(clients), drop_ins, len(opened_by_demo))
