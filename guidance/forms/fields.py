"""Fields that several forms of a pathway share."""
from dataclasses import dataclass
from datetime import date, datetime

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guidance.forms.moments import MomentField, written_moment
from guidance.models import LegalGround
from guidance.models.legal import said
from pilots.forms.days import DayField, written
from pilots.models import Membership, Organisation
from pilots.sorting import natural_key
from services.forms.fields import RowsField


def token_field() -> forms.UUIDField:
    """A form that was sent twice makes one row."""
    return forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": _("Open the page again."), "invalid": _("Open the page again.")})


class LinesField(forms.CharField):
    """Plain text with line breaks, which a browser sends as CR LF and the database keeps as LF."""

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n").replace("\r", "\n")


def text_field(*, label, rows: int = 4, **kwargs) -> LinesField:
    return LinesField(label=label, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


class GroundField(forms.ChoiceField):
    """A provision of law among those in use; none, where it is written in words."""

    def __init__(self, **kwargs) -> None:
        super().__init__(required=False, error_messages={"invalid_choice": _("Choose a provision from the list.")}, **kwargs)

    def offer(self, grounds: list[LegalGround]) -> None:
        self.grounds = {str(ground.pk): ground for ground in grounds}
        self.choices = [("", _("Not in the list"))] + [(key, said(ground, "")) for key, ground in self.grounds.items()]

    def clean(self, value) -> LegalGround | None:
        return self.grounds.get(super().clean(value))


class PersonField(forms.ModelChoiceField):
    """A counsellor by name and organisation."""

    def label_from_instance(self, obj: Membership) -> str:
        return f"{obj.user.name}, {obj.organisation.name}"


class PeopleField(RowsField):
    """Boxes for counsellors."""

    def offer(self, people: QuerySet[Membership]) -> None:
        """Counsellors by their organisation and then by name, as people read names; read once."""
        self.queryset = people
        ordered = sorted(people, key=lambda person: (person.organisation.sort_key_fi, natural_key(person.user.name)))
        self.choices = [(person.pk, f"{person.user.name}, {person.organisation.name}") for person in ordered]


class OneOfField(forms.ChoiceField):
    """One of the people whom the view has read already, however many fields offer them."""

    def offer(self, people: list[Membership], empty: str = "") -> None:
        self.people = {str(person.pk): person for person in people}
        self.choices = ([("", empty)] if empty else []) + [(key, person.user.name) for key, person in self.people.items()]

    def clean(self, value) -> Membership | None:
        key = super().clean(value)
        return self.people[key] if key else None


class OneBodyField(forms.ChoiceField):
    """One of the organisations that the view has read already."""

    def offer(self, bodies: list[Organisation]) -> None:
        self.bodies = {str(body.pk): body for body in bodies}
        self.choices = [("", _("Choose")), *((key, body.name) for key, body in self.bodies.items())]

    def clean(self, value) -> Organisation:
        return self.bodies[super().clean(value)]


@dataclass(frozen=True)
class When:
    day: date
    moment: datetime | None = None


class WhenInput(forms.TextInput):
    def format_value(self, value):
        if isinstance(value, When):
            return written_moment(value.moment) if value.moment else written(value.day)
        return value


class WhenField(forms.Field):
    """A day, or a day with a time: 3.2.2027 or 3.2.2027 14.05."""

    widget = WhenInput
    default_error_messages = {"invalid": _("Write the day as 3.2.2027, or the day and the time as 3.2.2027 14.05.")}

    def to_python(self, value):
        if value in self.empty_values:
            return None
        for field, make in ((DayField(), lambda day: When(day)), (MomentField(), lambda moment: When(timezone.localdate(moment), moment))):
            try:
                return make(field.to_python(value))
            except ValidationError as error:
                if getattr(error, "code", "") == "too_far":
                    raise
        raise ValidationError(self.error_messages["invalid"], code="invalid")
