import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.addresses import address
from pilots.models import Membership, Organisation
from services.choices import ATTENDED_IN, ENDED, HOLDABLE, CourseKind, Delivery, EnrolmentState, Entry, GroupLevel

from .place import Place
from .service import SharedService


class CourseRun(models.Model):
    """One time that a course is given. Both days are included.

    One that is called off stays with its reason: everybody on it has been told, and nobody comes on it any more.
    Never more seats are taken than there are: the actions hold this row, and the database itself refuses (triggers on
    both engines, see the migrations). Only short courses, coaching and tasters let a seat be held.
    """

    service = models.ForeignKey(SharedService, on_delete=models.PROTECT, related_name="runs", verbose_name=_("course"))
    name = models.CharField(_("name of the run"), max_length=100, blank=True)
    kind = models.CharField(_("kind of course"), max_length=15, choices=CourseKind)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    timetable = models.CharField(_("timetable"), max_length=300, blank=True)
    weekly_hours = models.DecimalField(_("hours a week"), max_digits=4, decimal_places=1, null=True, blank=True)
    delivery = models.CharField(_("way"), max_length=10, choices=Delivery, default=Delivery.CONTACT)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, blank=True, related_name="course_runs", verbose_name=_("place"))
    seats = models.PositiveIntegerField(_("seats"))
    enrol_by = models.DateField(_("last day to enrol"))
    entry = models.CharField(_("how one gets in"), max_length=10, choices=Entry)
    hold_days = models.PositiveSmallIntegerField(_("days that a seat is held"), null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    called_off_at = models.DateTimeField(null=True, blank=True, editable=False)
    called_off_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    called_off_because = models.CharField(_("reason"), max_length=300, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    class Meta:
        verbose_name = _("course run")
        verbose_name_plural = _("course runs")
        ordering = ["first_day", "pk"]
        indexes = [models.Index(fields=["service", "first_day"], name="course_run_by_service")]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="course_run_days", violation_error_message=_("The last day must not be before the first.")),
            models.CheckConstraint(condition=Q(enrol_by__lte=F("last_day")), name="course_run_enrol_by", violation_error_message=_("One enrols before the course is over.")),
            models.CheckConstraint(condition=Q(called_off_at=None, called_off_because="") | Q(called_off_at__isnull=False) & ~Q(called_off_because=""), name="course_run_called_off_has_reason"),
            models.CheckConstraint(condition=Q(seats__gte=1), name="course_run_has_seats", violation_error_message=_("A run has one seat at least.")),
            models.CheckConstraint(
                condition=~Q(entry=Entry.HOLD) | Q(kind__in=HOLDABLE),
                name="course_run_holdable",
                violation_error_message=_("Seats can be held only on short courses, coaching and tasters. For others choose “apply” or “ask”."),
            ),
            models.CheckConstraint(
                condition=Q(entry=Entry.HOLD, hold_days__isnull=False, hold_days__range=(1, 60)) | (~Q(entry=Entry.HOLD) & Q(hold_days=None)),
                name="course_run_hold_days",
                violation_error_message=_("Say for how many days a seat is held (1–60), and only where seats can be held."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return address("services:run_detail", self.pk)

    @property
    def period(self) -> str:
        return f"{date_format(self.first_day, 'SHORT_DATE_FORMAT')}–{date_format(self.last_day, 'SHORT_DATE_FORMAT')}"

    @property
    def title(self) -> str:
        return f"{self.name}, {self.period}" if self.name else self.period

    @property
    def closes_on(self) -> date:
        """The last day on which a freed seat goes to who waits."""
        return max(self.enrol_by, self.first_day)


class Quota(models.Model):
    """Seats of a run that are kept for one organisation until the day `freed_on`, on which the unused ones are open to all.

    It keeps seats; it is no ceiling: the organisation may also take open ones. `freed_at` tells that the job has
    let those who wait have them.
    """

    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="quotas")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="seat_quotas", verbose_name=_("organisation"))
    seats = models.PositiveIntegerField(_("seats"))
    freed_on = models.DateField(_("open to all from"))
    freed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "organisation"], name="quota_once_in_a_run", violation_error_message=_("This organisation has a quota already.")),
            models.CheckConstraint(condition=Q(seats__gte=1), name="quota_has_seats", violation_error_message=_("A quota has one seat at least.")),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.organisation_id} {self.seats}"


class Enrolment(models.Model):
    """Seats of a run that an organisation holds, waits for, has applied for or has. Never a name.

    `reference` is what an upper app knows it by; `token` comes from the form: the same form sent twice makes one.
    `queue_number` gives the order of those who wait.
    """

    run = models.ForeignKey(CourseRun, on_delete=models.PROTECT, related_name="enrolments", verbose_name=_("course run"))
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="enrolments", verbose_name=_("organisation"))
    reference = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    size = models.PositiveIntegerField(_("seats"), default=1)
    is_group = models.BooleanField(_("a group"), default=False)
    level = models.CharField(_("level of the group"), max_length=15, choices=GroupLevel, blank=True)
    special_needs = models.CharField(_("special needs of the group"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=15, choices=EnrolmentState)
    queue_number = models.PositiveIntegerField(null=True, blank=True, editable=False)
    held_until = models.DateTimeField(_("held until"), null=True, blank=True)
    attended = models.PositiveIntegerField(_("how many took part"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering = ["asked_at", "pk"]
        indexes = [
            models.Index(fields=["run", "state", "queue_number"], name="enrolment_by_run"),
            models.Index(fields=["organisation", "state"], name="enrolment_by_organisation"),
            models.Index(fields=["state", "held_until"], name="enrolment_by_hold"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(size__gte=1), name="enrolment_has_seats", violation_error_message=_("Ask for one seat at least.")),
            models.CheckConstraint(
                condition=Q(is_group=True) & ~Q(level="") | Q(is_group=False, level="", special_needs=""),
                name="enrolment_group_has_level",
                violation_error_message=_("Give the level of a group; single seats have neither level nor special needs."),
            ),
            models.CheckConstraint(
                condition=Q(state=EnrolmentState.WAITING, queue_number__isnull=False) | (~Q(state=EnrolmentState.WAITING) & Q(queue_number=None)), name="enrolment_waiting_has_number"
            ),
            models.UniqueConstraint(fields=["run", "queue_number"], name="enrolment_number_once"),
            models.CheckConstraint(condition=Q(state=EnrolmentState.HELD, held_until__isnull=False) | (~Q(state=EnrolmentState.HELD) & Q(held_until=None)), name="enrolment_held_until"),
            models.CheckConstraint(condition=Q(state__in=ENDED, ended_at__isnull=False) | (~Q(state__in=ENDED) & Q(ended_at=None, ended_by=None)), name="enrolment_ended_has_time"),
            models.CheckConstraint(condition=Q(answered_by=None) | Q(answered_at__isnull=False), name="enrolment_answered_by_with_answer"),
            models.CheckConstraint(condition=~Q(state=EnrolmentState.DECLINED) | ~Q(reason=""), name="enrolment_declined_has_reason"),
            models.CheckConstraint(
                condition=Q(attended=None) | Q(state__in=ATTENDED_IN, attended__lte=F("size")),
                name="enrolment_attended",
                violation_error_message=_("At most as many took part as were enrolled."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    def get_absolute_url(self) -> str:
        return address("services:enrolment_detail", self.pk)
