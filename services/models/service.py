from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.addresses import address
from pilots.models import Contact, CooperationModel, EducationForm, Membership, Municipality, Organisation, PilotArea, Unit
from pilots.models.base import Named
from services.choices import Audience, Delivery, PriceBasis, Publication, ServiceKind, ServiceLanguage

from .place import Place
from .resource import Resource


class SharedService(Named):
    """What an organisation or unit offers to others: a facility, staff or a course.

    Who may use it stands in `audience` and, when it is CHOSEN, in the three lists: an organisation that is in none of
    them does not see it, unless `shown_outside` lets everybody see that it exists (name, kind, provider, place).
    `published_at`: when it was last made public. `version` guards against two people saving over each other.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=ServiceKind)
    state = models.CharField(_("state"), max_length=10, choices=Publication, default=Publication.DRAFT)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="shared_services", verbose_name=_("offered by"))
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="shared_services", verbose_name=_("unit"))
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, null=True, blank=True, related_name="services", verbose_name=_("what is booked"))
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, blank=True, related_name="services", verbose_name=_("place"))
    description_fi = models.TextField(_("description in Finnish"))
    description_sv = models.TextField(_("description in Swedish"), blank=True)
    education_forms = models.ManyToManyField(EducationForm, blank=True, related_name="shared_services", verbose_name=_("forms of education"))
    languages = models.JSONField(_("languages"), default=list)
    delivery = models.CharField(_("way"), max_length=10, choices=Delivery, default=Delivery.CONTACT)
    subjects_fi = models.CharField(_("subjects or fields, in Finnish"), max_length=200, blank=True)
    subjects_sv = models.CharField(_("subjects or fields, in Swedish"), max_length=200, blank=True)
    conditions_fi = models.TextField(_("conditions of use, in Finnish"), blank=True)
    conditions_sv = models.TextField(_("conditions of use, in Swedish"), blank=True)
    price_basis = models.CharField(_("price"), max_length=10, choices=PriceBasis, default=PriceBasis.FREE)
    price = models.DecimalField(_("price in euros"), max_digits=9, decimal_places=2, null=True, blank=True)
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="shared_services", verbose_name=_("contact person"))
    contact_email = models.EmailField(_("e-mail for questions"), blank=True)
    contact_phone = models.CharField(_("telephone for questions"), max_length=40, blank=True)
    audience = models.CharField(_("who may use it"), max_length=10, choices=Audience, default=Audience.NETWORK)
    for_areas = models.ManyToManyField(PilotArea, blank=True, related_name="+", verbose_name=_("pilot areas"))
    for_municipalities = models.ManyToManyField(Municipality, blank=True, related_name="+", verbose_name=_("municipalities"))
    for_organisations = models.ManyToManyField(Organisation, blank=True, related_name="+", verbose_name=_("organisations"))
    cooperation_models = models.ManyToManyField(CooperationModel, blank=True, related_name="shared_services", verbose_name=_("cooperation models"))
    shown_outside = models.BooleanField(_("everybody may see that it exists"), default=True)
    target_groups_fi = models.CharField(_("for whom, in Finnish"), max_length=200, blank=True)
    target_groups_sv = models.CharField(_("for whom, in Swedish"), max_length=200, blank=True)
    check_by = models.DateField(_("check by"))
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    copied_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="copies")
    version = models.PositiveIntegerField(default=1, editable=False)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    history = HistoricalRecords(excluded_fields=["sort_key_fi", "sort_key_sv", "search_words"])

    class Meta:
        verbose_name = _("shared service")
        verbose_name_plural = _("shared services")
        ordering = ["sort_key_fi", "pk"]
        indexes = [
            models.Index(fields=["state", "sort_key_fi", "id"], name="service_by_name_fi"),
            models.Index(fields=["state", "sort_key_sv", "id"], name="service_by_name_sv"),
            # The one filter that most narrow the catalogue by.
            models.Index(fields=["kind", "sort_key_fi", "id"], condition=Q(state=Publication.PUBLIC), name="service_kind_by_name_fi"),
            models.Index(fields=["kind", "sort_key_sv", "id"], condition=Q(state=Publication.PUBLIC), name="service_kind_by_name_sv"),
            models.Index(fields=["published_at"], name="service_by_publishing"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=ServiceKind.COURSE, resource=None) | (~Q(kind=ServiceKind.COURSE) & (Q(state=Publication.DRAFT) | Q(resource__isnull=False))),
                name="service_names_what_is_booked",
                violation_error_message=_("Say what is booked: a facility and staff name a resource, a course has runs instead."),
            ),
            models.CheckConstraint(
                condition=Q(price_basis__in=(PriceBasis.FREE, PriceBasis.AGREED), price=None) | (~Q(price_basis__in=(PriceBasis.FREE, PriceBasis.AGREED)) & Q(price__isnull=False, price__gte=0)),
                name="service_price_fits_basis",
                violation_error_message=_("Give the price in euros, or none when the service is free or the price is agreed each time."),
            ),
        ]

    def searched_texts(self) -> list[str]:
        texts = (self.description_fi, self.description_sv, self.subjects_fi, self.subjects_sv, self.target_groups_fi, self.target_groups_sv)
        return [self.name_fi, self.name_sv, *texts]

    @property
    def is_stale(self) -> bool:
        """The owner has not looked at it by the day that was promised."""
        return self.check_by < timezone.localdate()

    @property
    def current_contact(self) -> Contact | None:
        """Whom to call, while they are: somebody whose time as a contact has ended is shown no longer."""
        return self.contact if self.contact and self.contact.ended_on is None else None

    @property
    def language_labels(self) -> list[str]:
        return [str(ServiceLanguage(code).label) for code in self.languages if code in ServiceLanguage.values]

    def get_absolute_url(self) -> str:
        return address("services:service_detail", self.pk)
