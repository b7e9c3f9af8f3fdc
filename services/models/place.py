from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pilots.models import Municipality, Organisation
from pilots.models.base import Named


class Place(Named):
    """Where something shared is: an address in a municipality, and how one gets in.

    Accessibility is of the place, so that all that is shared there tells the same. A place without a position of its
    own lies where its municipality does. `version` guards against two people saving over each other.
    """

    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="places", verbose_name=_("owner"))
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="places", verbose_name=_("municipality"))
    street_address = models.CharField(_("street address"), max_length=150)
    postal_code = models.CharField(_("postal code"), max_length=5, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    step_free = models.BooleanField(_("step-free entrance"), null=True, blank=True)
    accessible_toilet = models.BooleanField(_("accessible toilet"), null=True, blank=True)
    lift = models.BooleanField(_("lift to every floor in use"), null=True, blank=True)
    induction_loop = models.BooleanField(_("induction loop"), null=True, blank=True)
    access_note_fi = models.CharField(_("how to get in, in Finnish"), max_length=300, blank=True)
    access_note_sv = models.CharField(_("how to get in, in Swedish"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ["sort_key_fi", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None) | Q(latitude__range=(59, 71), longitude__range=(19, 32)),
                name="place_in_finland",
                violation_error_message=_("The position must lie in Finland: latitude 59-71, longitude 19-32."),
            ),
        ]

    @property
    def position(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees: its own, else its municipality's."""
        here = self if self.latitude is not None else self.municipality
        return None if here.latitude is None else (here.latitude, here.longitude)
