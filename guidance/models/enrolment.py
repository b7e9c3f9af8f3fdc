from django.db import models
from django.utils.translation import gettext_lazy as _

from pilots.models import Membership
from services.choices import ENDED, EnrolmentState
from services.models import Enrolment

from .options import EducationOption
from .pathway import Pathway
from .timeline import NextStep

# What an ended pathway leaves behind is given back in these states; who is enrolled keeps the seat.
UNSETTLED = (EnrolmentState.HELD, EnrolmentState.WAITING, EnrolmentState.APPLIED)


class PathwayEnrolmentQuerySet(models.QuerySet):
    def active(self) -> "PathwayEnrolmentQuerySet":
        return self.exclude(enrolment__state__in=ENDED)

    def unsettled(self) -> "PathwayEnrolmentQuerySet":
        return self.filter(enrolment__state__in=UNSETTLED)


class PathwayEnrolment(models.Model):
    """Ties a pathway to a seat on a shared course. The seat is an organisation's and has no name; whose it is stands here alone.

    By the seat's opaque reference. `told_state` is the state that the timeline told last: `check_pathways` proves that
    nothing changed past it. `step` is the next step that the seat itself made.
    """

    pathway = models.ForeignKey(Pathway, on_delete=models.CASCADE, related_name="enrolments")
    enrolment = models.OneToOneField(Enrolment, to_field="reference", db_column="reference", on_delete=models.CASCADE, related_name="+")
    option = models.ForeignKey(EducationOption, on_delete=models.SET_NULL, null=True, blank=True, related_name="enrolments", verbose_name=_("education option"))
    step = models.ForeignKey(NextStep, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    told_state = models.CharField(max_length=15, choices=EnrolmentState)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = PathwayEnrolmentQuerySet.as_manager()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.pathway_id} {self.pk}"
