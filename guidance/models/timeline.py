import uuid

from django.db import models
from django.db.models import Expression, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guidance.choices import CheckIn, ContactWay, EventKind, HandoffState, StepKind, Visibility
from pilots.models import Membership, Organisation

from .handoff import Handoff
from .partnership import Partnership, Programme
from .pathway import Pathway


class EventQuerySet(models.QuerySet):
    def counted(self) -> "EventQuerySet":
        """Without those that their writer has taken back: they stay to be read, and count for nothing."""
        return self.filter(taken_back_at=None)

    def for_client(self) -> "EventQuerySet":
        """What the client reads on the own page; the rest are notes between organisations."""
        return self.filter(visibility=Visibility.PARTICIPANTS)

    def visible_to(self, organisation_id: int | Expression) -> "EventQuerySet":
        """What an organisation that takes part may read; whether it takes part is the pathway's question."""
        return self.filter(
            Q(visibility__in=(Visibility.PARTICIPANTS, Visibility.ORGANISATIONS))
            | Q(organisation_id=organisation_id)
            | Q(visibility=Visibility.CHOSEN, pk__in=Event.shown_to.through.objects.filter(organisation_id=organisation_id).values("event_id"))
        )


class Event(models.Model):
    """One row of a pathway's timeline: what happened, when, who wrote it and for which organisation. Never deleted: its writer takes it back."""

    pathway = models.ForeignKey(Pathway, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(_("kind"), max_length=20, choices=EventKind)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField(_("text"), max_length=4000, blank=True)
    check_in = models.CharField(_("how it goes"), max_length=10, choices=CheckIn, blank=True)
    visibility = models.CharField(_("who may read this"), max_length=20, choices=Visibility, default=Visibility.PARTICIPANTS)
    shown_to = models.ManyToManyField(Organisation, blank=True, related_name="+", verbose_name=_("chosen organisations"))
    handoff = models.ForeignKey(Handoff, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=pgettext_lazy("guidance", "measure"))
    taken_back_at = models.DateTimeField(null=True, blank=True, editable=False)
    taken_back_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+")
    # Codes and ids only: what the template words in the reader's language.
    detail = models.JSONField(default=dict, blank=True)
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["pathway", "-at", "-id"], name="event_timeline"),
            models.Index(fields=["pathway", "-at", "-id"], condition=Q(programme__isnull=False), name="event_with_measure"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(by=None) | Q(organisation__isnull=False), name="event_writer_has_organisation"),
            models.CheckConstraint(condition=Q(taken_back_at=None, taken_back_by=None) | Q(taken_back_at__isnull=False, taken_back_by__isnull=False), name="event_taken_back_pair"),
            models.CheckConstraint(condition=~Q(kind=EventKind.CHECK_IN) | ~Q(check_in=""), name="event_check_in_says_how", violation_error_message=_("Choose how it goes.")),
        ]

    def __str__(self) -> str:
        return f"{self.pathway_id} {self.kind}"


class NextStepQuerySet(models.QuerySet):
    def open(self) -> "NextStepQuerySet":
        return self.filter(done_at=None)


class NextStep(models.Model):
    """What happens next: dated, with one responsible person. An appointment has a time, and a place or a telephone."""

    pathway = models.ForeignKey(Pathway, on_delete=models.CASCADE, related_name="next_steps")
    kind = models.CharField(_("kind"), max_length=20, choices=StepKind, default=StepKind.STEP)
    what = models.CharField(_("what"), max_length=300)
    due_on = models.DateField(pgettext_lazy("date", "by"))
    starts_at = models.DateTimeField(_("time"), null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(_("length in minutes"), null=True, blank=True)
    way = models.CharField(_("way"), max_length=20, choices=ContactWay, blank=True)
    place = models.CharField(_("place or telephone"), max_length=200, blank=True)
    interpreter = models.BooleanField(_("interpreter ordered"), default=False)
    by_client = models.BooleanField(_("the client does this"), default=False, db_default=False)
    responsible = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="next_steps", verbose_name=_("responsible person"))
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    attended = models.BooleanField(_("the client came"), null=True, blank=True)
    handoff = models.ForeignKey(Handoff, on_delete=models.SET_NULL, null=True, blank=True, related_name="first_contact_steps")
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = NextStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("next step")
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(fields=["responsible", "due_on"], condition=Q(done_at=None), name="step_open_by_person"),
            models.Index(fields=["pathway", "due_on"], condition=Q(done_at=None), name="step_open_by_pathway"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(kind=StepKind.APPOINTMENT) | Q(starts_at__isnull=False), name="appointment_has_time", violation_error_message=_("An appointment needs a time.")),
            models.CheckConstraint(condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False), name="step_done_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.pathway_id} {self.due_on}"

    @property
    def is_first_contact(self) -> bool:
        """Promised by the acceptance of a hand-off and not held yet: its time and its end are the hand-off's, not the step's."""
        return self.kind == StepKind.APPOINTMENT and self.handoff is not None and self.handoff.state == HandoffState.ACCEPTED


class Attachment(models.Model):
    """A file of a pathway: type checked by content, stored outside the web root, read only through the access rule."""

    pathway = models.ForeignKey(Pathway, on_delete=models.CASCADE, related_name="attachments")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, null=True, blank=True, related_name="attachments")
    name = models.CharField(_("file name"), max_length=150)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    stored_as = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    visibility = models.CharField(_("who may read this"), max_length=20, choices=Visibility, default=Visibility.PARTICIPANTS)
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["-added_at", "-id"]

    def __str__(self) -> str:
        return f"{self.pathway_id} {self.pk}"


class DropIn(models.Model):
    """A talk at the service square (palvelutori): logged in seconds and without a name.

    When the visitor wants a pathway, it becomes that pathway's first event.
    """

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="drop_ins")
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    topic = models.CharField(_("about"), max_length=20, choices=[("education", _("education")), ("work", _("work")), ("income", _("income during studies")), ("other", _("something else"))])
    under_30 = models.BooleanField(_("under 30"), null=True, blank=True)
    event = models.OneToOneField(Event, on_delete=models.SET_NULL, null=True, blank=True, related_name="drop_in")
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.partnership_id} {self.at:%Y-%m-%d}"
