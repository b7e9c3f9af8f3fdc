from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from pilots.models import Organisation
from pilots.models.base import Named
from services.choices import BookingMode, ResourceKind, Weekday

from .place import Place

MOST_BUFFER = 24 * 60


class Resource(Named):
    """What can be booked: a space, which may have parts (hall, half hall), a named person or a post.

    `root` is the resource itself or the whole that it is a part of; rules of time (hours, buffers, interval, mode)
    are the root's. What can be held is a leaf: a resource without parts. Minutes throughout.
    """

    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="resources", verbose_name=_("owner"))
    kind = models.CharField(_("kind"), max_length=10, choices=ResourceKind)
    whole = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts", verbose_name=_("part of"))
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, blank=True, related_name="resources", verbose_name=_("place"))
    capacity = models.PositiveIntegerField(_("room for people"), null=True, blank=True)
    equipment_fi = models.CharField(_("equipment, in Finnish"), max_length=500, blank=True)
    equipment_sv = models.CharField(_("equipment, in Swedish"), max_length=500, blank=True)
    mode = models.CharField(_("booking"), max_length=12, choices=BookingMode, default=BookingMode.ON_REQUEST)
    buffer_before = models.PositiveSmallIntegerField(_("minutes kept free before"), default=0)
    buffer_after = models.PositiveSmallIntegerField(_("minutes kept free after"), default=0)
    start_interval = models.PositiveSmallIntegerField(_("starts every … minutes"), default=15)
    weekly_minutes = models.PositiveSmallIntegerField(_("minutes lent in a week"), null=True, blank=True)
    # Until when the times from the owner's own system are new enough; the same for the whole and its parts, empty without any. See BusySource.
    synced_until = models.DateTimeField(null=True, blank=True, editable=False)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)

    history = HistoricalRecords(excluded_fields=["sort_key_fi", "sort_key_sv", "search_words", "synced_until"])

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        ordering = ["sort_key_fi", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(whole=None) | Q(kind=ResourceKind.SPACE), name="resource_only_spaces_have_parts", violation_error_message=_("Only a space can have parts.")),
            models.CheckConstraint(condition=Q(whole=None) | ~Q(whole=F("id")), name="resource_not_part_of_itself"),
            models.CheckConstraint(
                condition=Q(kind=ResourceKind.SPACE, weekly_minutes=None) | (~Q(kind=ResourceKind.SPACE) & Q(weekly_minutes__isnull=False, weekly_minutes__gt=0)),
                name="resource_share_of_people",
                violation_error_message=_("Say how much of the working time of a person or post is lent in a week; a space has none."),
            ),
            models.CheckConstraint(
                condition=Q(start_interval__in=(5, 10, 15, 20, 30, 60)), name="resource_start_interval", violation_error_message=_("Bookings start every 5, 10, 15, 20, 30 or 60 minutes.")
            ),
            models.CheckConstraint(
                condition=Q(buffer_before__lte=MOST_BUFFER, buffer_after__lte=MOST_BUFFER), name="resource_buffers_within_a_day", violation_error_message=_("At most a day is kept free before or after.")
            ),
        ]

    @property
    def root_id(self) -> int:
        return self.whole_id or self.pk

    @property
    def is_out_of_date(self) -> bool:
        """Its owner's own system has not told its times for longer than was promised, so nothing is booked at once."""
        return self.synced_until is not None and self.synced_until <= timezone.now()

    @property
    def mode_now(self) -> BookingMode:
        """As its owner has set it, but on request while it is out of date."""
        return BookingMode.ON_REQUEST if self.is_out_of_date else BookingMode(self.mode)

    @property
    def is_person(self) -> bool:
        """A person or a post: never in two places at once, and lent for a share of the week."""
        return self.kind != ResourceKind.SPACE


class OpeningHours(models.Model):
    """When a resource can be booked on a weekday; of a season when its dates are given, both days included.

    A day on which a season has rows goes by the season's alone. A resource without any row is open at all times,
    and on request only. Local time of Europe/Helsinki; 00:00 as the end means midnight.
    """

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="opening_hours", verbose_name=_("resource"))
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))
    first_day = models.DateField(_("from"), null=True, blank=True)
    last_day = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        ordering = ["first_day", "weekday", "opens", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day=None, last_day=None) | Q(first_day__isnull=False, last_day__gte=F("first_day")),
                name="opening_hours_season",
                violation_error_message=_("Give both the first and the last day of the season, or neither."),
            ),
            models.CheckConstraint(
                condition=Q(closes="00:00") | Q(closes__gt=F("opens")), name="opening_hours_close_after_open", violation_error_message=_("The closing time must be after the opening time.")
            ),
            models.CheckConstraint(condition=Q(weekday__range=(1, 7)), name="opening_hours_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.weekday} {self.opens}-{self.closes}"


class OpeningException(models.Model):
    """Days that do not follow the hours: closed, or open at other times. Both days are included."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="opening_exceptions", verbose_name=_("resource"))
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    opens = models.TimeField(_("opens"), null=True, blank=True)
    closes = models.TimeField(_("closes"), null=True, blank=True)
    reason_fi = models.CharField(_("reason in Finnish"), max_length=150)
    reason_sv = models.CharField(_("reason in Swedish"), max_length=150, blank=True)

    class Meta:
        ordering = ["first_day", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="opening_exception_days", violation_error_message=_("The last day must not be before the first.")),
            models.CheckConstraint(
                condition=Q(opens=None, closes=None) | Q(opens__isnull=False, closes__isnull=False) & (Q(closes="00:00") | Q(closes__gt=F("opens"))),
                name="opening_exception_hours",
                violation_error_message=_("Give both times, the closing after the opening, or neither when it is closed."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.first_day}-{self.last_day}"
