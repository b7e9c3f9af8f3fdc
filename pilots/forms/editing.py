"""Forms of a coordinator: texts of the area, a contact person, a member that joins or leaves."""
from datetime import date

from django import forms
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from pilots.choices import ContactTask, Participation
from pilots.forms.days import DayField
from pilots.models import AreaMembership, Contact, Organisation, PilotArea
from pilots.queries.editing import Match, body_of

TEXT_LENGTH = 5000
# More than any counter reaches, and within what the databases' integers hold.
LARGEST_VERSION = 2**31 - 1
TELEPHONE = RegexValidator(r"^\+?[0-9 ()-]{5,}$", _("Write the number in digits, for example 040 123 4567 or +358 40 123 4567."))


def version_field() -> forms.IntegerField:
    return forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=LARGEST_VERSION)


def sentence_case(choices: type[models.TextChoices]) -> list[tuple[str, str]]:
    """Choices that stand alone, each beginning with a capital."""
    return [(value, capfirst(label)) for value, label in choices.choices]


class LinesField(forms.CharField):
    """Plain text with line breaks, which a browser sends as CR LF and the database keeps as LF."""

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n").replace("\r", "\n")


class AreaForm(forms.Form):
    """The area's own texts in both languages; `version` tells from which state the person began."""

    version = version_field()
    check_by = DayField(
        label=_("Check again by"),
        required=False,
        help_text=_("The day by which these texts should be read through again, for example 3.2.2027."),
    )

    TOPICS = (
        ("description", _("Description"), _("What the area is, in a few sentences.")),
        ("challenge", _("Challenge"), _("What the area wants to solve.")),
        ("readiness", _("Readiness"), _("What there is already to build on.")),
        ("objectives", _("Objectives"), _("What the area aims at beside the five goals of KOPA.")),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for topic, _label, hint in self.TOPICS:
            for language in ("fi", "sv"):
                name = f"{topic}_{language}"
                widget = forms.Textarea(attrs={"rows": 6, "lang": language})
                label = capfirst(PilotArea._meta.get_field(name).verbose_name)
                self.fields[name] = LinesField(label=label, required=False, max_length=TEXT_LENGTH, widget=widget, help_text=hint if language == "fi" else "")
        self.order_fields(["version", *(f"{topic}_{language}" for topic, *_rest in self.TOPICS for language in ("fi", "sv")), "check_by"])

    def topics(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under the heading of their topic."""
        return [(label, [self[f"{topic}_fi"], self[f"{topic}_sv"]]) for topic, label, _hint in self.TOPICS]


class ContactForm(forms.Form):
    """Whom to call; `version` guards a row that exists, a new one has 0."""

    version = version_field()
    task = forms.ChoiceField(label=_("What one calls about"), choices=sentence_case(ContactTask), initial=ContactTask.GENERAL, widget=forms.RadioSelect)
    name = forms.CharField(label=_("Name"), max_length=150, error_messages={"required": _("Write the name of the person.")}, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    title_fi = forms.CharField(label=_("Title in Finnish"), max_length=150, required=False, widget=forms.TextInput(attrs={"lang": "fi"}))
    title_sv = forms.CharField(label=_("Title in Swedish"), max_length=150, required=False, widget=forms.TextInput(attrs={"lang": "sv"}))
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False, help_text=_("Give an e-mail address, a telephone number or both."))
    phone = forms.CharField(
        label=_("Telephone"), max_length=40, required=False, validators=[TELEPHONE], widget=forms.TextInput(attrs={"type": "tel"})
    )
    speaks_finnish = forms.BooleanField(label=_("Serves in Finnish"), required=False, initial=True)
    speaks_swedish = forms.BooleanField(label=_("Serves in Swedish"), required=False)
    speaks_english = forms.BooleanField(label=_("Serves in English"), required=False)
    confirmed_on = DayField(label=_("Confirmed on"), help_text=_("The day on which somebody last checked that these details are right, for example 3.2.2027."))

    GROUPS = (
        (_("Person"), ("task", "name", "title_fi", "title_sv")),
        (_("How to reach the person"), ("email", "phone")),
        (_("Languages of service"), ("speaks_finnish", "speaks_swedish", "speaks_english")),
    )

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(legend, [self[name] for name in names]) for legend, names in self.GROUPS]

    def clean_confirmed_on(self) -> date:
        day = self.cleaned_data["confirmed_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("The day of confirmation cannot be in the future."))
        return day

    @classmethod
    def values_of(cls, contact: Contact) -> dict:
        return {name: getattr(contact, name) for name in cls.base_fields if name != "version"}


class BodySearchForm(forms.Form):
    q = forms.CharField(
        label=_("Name of the organisation or unit"),
        max_length=200,
        required=False,
        help_text=_("A part of the name is enough."),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class BodyChoice(forms.ChoiceField):
    """The chosen body itself: what was found is only what is offered, any body of the network may be named."""

    widget = forms.RadioSelect

    def to_python(self, value):
        if value in self.empty_values:
            return None
        body = body_of(str(value))
        if body is None:
            raise forms.ValidationError(_("Choose one of the bodies that were found."))
        return body

    def validate(self, value) -> None:
        if value is None:
            raise forms.ValidationError(_("Choose one of the bodies that were found."))


class MemberForm(forms.Form):
    """A body that joins: found by the search before, so that no list of thousands is sent."""

    body = BodyChoice(label=_("Who joins"))
    participation = forms.ChoiceField(label=_("Takes part"), choices=sentence_case(Participation), initial=Participation.DIRECT, widget=forms.RadioSelect)
    through = forms.TypedChoiceField(
        label=_("Through which body"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("Only for a member that takes part through another body of this area."),
    )
    starts_on = DayField(label=_("First day as a member"))

    def __init__(self, *args, matches: list[Match], organisations: list[Organisation], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._organisations = {organisation.pk: organisation for organisation in organisations}
        self.fields["body"].choices = [(match.code, f"{match.body.name} ({match.kind})") for match in matches if not match.is_member]
        self.fields["through"].choices = [("", _("Nobody")), *((pk, organisation.name) for pk, organisation in self._organisations.items())]

    def clean_through(self) -> Organisation | None:
        return self._organisations.get(self.cleaned_data["through"])


class MemberEndForm(forms.Form):
    last_day = DayField(label=_("Last day as a member"))

    @staticmethod
    def likely_day(member: AreaMembership) -> date | None:
        """Today, unless the membership ends before today anyway."""
        today = timezone.localdate()
        return today if member.ends_on is None and member.starts_on <= today else None
