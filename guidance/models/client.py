from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from guidance.choices import LanguageLevel
from pilots.models import Membership, Municipality
from pilots.models.organisation import MUNICIPALITY_CODE
from pilots.sorting import sort_key


class Client(models.Model):
    """Who a client is, and nothing else: name, birth date and contact live only here. No personal identity code.

    Non-disclosure for personal safety (turvakielto): only a contact address is kept; address, telephone,
    municipality, unit, meeting place and employer are shown to none but `named_people`.
    """

    family_name = models.CharField(_("family name"), max_length=100)
    given_names = models.CharField(_("given names"), max_length=100)
    birth_date = models.DateField(_("birth date"))
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    contact_address = models.CharField(_("contact address"), max_length=200, blank=True, help_text=_("The only address that is kept for a person under non-disclosure."))
    service_language = models.CharField(_("language of service"), max_length=2, choices=[("fi", _("Finnish")), ("sv", _("Swedish")), ("en", _("English"))], default="fi")
    interpreter_language = models.CharField(_("interpreter's language"), max_length=40, blank=True)
    finnish_level = models.CharField(_("level of Finnish"), max_length=10, choices=LanguageLevel, blank=True)
    swedish_level = models.CharField(_("level of Swedish"), max_length=10, choices=LanguageLevel, blank=True)
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("home municipality"))
    municipality_code = models.CharField(_("code of the home municipality"), max_length=3, blank=True, validators=[MUNICIPALITY_CODE])
    is_protected = models.BooleanField(_("non-disclosure for personal safety"), default=False)
    named_people = models.ManyToManyField(Membership, blank=True, related_name="+", verbose_name=_("people who see the protected details"))
    minor_actor = models.CharField(_("who acts for a minor"), max_length=20, blank=True, choices=[("self", _("the client")), ("guardian", _("guardian")), ("both", _("the client and a guardian together"))])
    minor_checked_on = models.DateField(_("home municipality's duty of guidance asked on"), null=True, blank=True)
    sort_key = models.CharField(max_length=1000, editable=False)
    # "family given" folded to lower case without accents, for search in part of a name and for the duplicate guard.
    search_name = models.CharField(max_length=210, editable=False)
    created_at = models.DateTimeField()

    # What each participation of the client holds too.
    REPEATED = ("sort_key", "search_name", "birth_date")

    history = HistoricalRecords(excluded_fields=["sort_key", "search_name"])

    class Meta:
        verbose_name = _("client")
        ordering = ["sort_key"]
        indexes = [
            models.Index(fields=["birth_date"], name="client_by_birth_date"),
            models.Index(fields=["sort_key", "id"], name="client_by_name"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_protected=False) | Q(address="", phone="", email="", municipality=None, municipality_code=""),
                name="client_protected_keeps_contact_address_only",
                violation_error_message=_("Under non-disclosure only the contact address is kept: empty the other contact details and the municipality."),
            ),
        ]

    def __str__(self) -> str:
        """Never a name: this text can end in a log."""
        return f"client {self.pk}"

    def save(self, *args, **kwargs) -> None:
        self.make_keys()
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "sort_key", "search_name"}
        is_new = self._state.adding
        super().save(*args, **kwargs)
        if not is_new:
            self.repeat()

    def repeated(self) -> dict:
        return {name: getattr(self, name) for name in self.REPEATED}

    def repeat(self) -> None:
        """Beside each participation in the client's pathways stands what its list is ordered, searched and narrowed by."""
        from .participation import Participation

        Participation.objects.filter(pathway__client=self).exclude(**self.repeated()).update(**self.repeated())

    def make_keys(self) -> None:
        """Order and search forms of the name, stored with it; for whoever stores many at once without `save`."""
        self.sort_key = sort_key(f"{self.family_name} {self.given_names}")
        self.search_name = fold_name(f"{self.family_name} {self.given_names}")

    @property
    def full_name(self) -> str:
        return f"{self.given_names} {self.family_name}"


def fold_name(text: str) -> str:
    """Lower case, accents and å ä ö folded to their base letter, hyphens to spaces."""
    import unicodedata

    decomposed = unicodedata.normalize("NFD", text.casefold().replace("-", " ").replace("ø", "o").replace("æ", "a"))
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())[:210]
