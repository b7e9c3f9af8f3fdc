"""Who a client is: search, add, edit, protect, merge. Asks the least; never a personal identity code."""
import uuid

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from guidance.choices import LanguageLevel, TargetGroup
from guidance.converters import PseudonymConverter
from guidance.forms.fields import PeopleField, token_field
from guidance.forms.pathways import choices
from guidance.models import Client
from guidance.models.client import fold_name
from guidance.queries.client_search import SHORTEST_PART
from pilots.forms.days import DayField, written
from pilots.models import Membership, Municipality

SEEN_SALT = "guidance.client.seen"
OFF = {"autocomplete": "off"}
CHOOSE_LANGUAGE = _("Choose the language in which the client is served.")


def name_field(label, required) -> forms.CharField:
    return forms.CharField(label=label, max_length=100, widget=forms.TextInput(attrs=OFF), error_messages={"required": required})


def birth_field(**kwargs) -> DayField:
    return DayField(label=_("Birth date"), help_text=_("For example 3.2.1998."), error_messages={"required": _("Write the birth date, for example 3.2.1998.")}, **kwargs)


class SearchForm(forms.Form):
    """Sent by POST: a name never stands in an address."""

    name = forms.CharField(label=_("Part of the name"), required=False, max_length=100, widget=forms.TextInput(attrs=OFF), help_text=_("At least three letters. Dots and accents may be left out."))
    birth_date = birth_field(required=False)
    after = forms.CharField(required=False, widget=forms.HiddenInput, max_length=20)
    before = forms.CharField(required=False, widget=forms.HiddenInput, max_length=20)

    def clean_name(self) -> str:
        name = self.cleaned_data["name"].strip()
        if name and max((len(word) for word in fold_name(name).split()), default=0) < SHORTEST_PART:
            raise ValidationError(_("Write at least three letters of the name."))
        return name

    def clean(self) -> dict:
        data = super().clean()
        if not self.errors and not data.get("name") and not data.get("birth_date"):
            self.add_error("name", _("Write a part of the name, the birth date, or both."))
        return data


class MunicipalityField(forms.CharField):
    """Typed by name or by code, in Finnish or Swedish: nobody looks through three hundred rows."""

    default_error_messages = {"unknown": _("No municipality has this name. Write the whole name, for example Kuopio.")}

    def __init__(self, **kwargs) -> None:
        super().__init__(max_length=100, widget=forms.TextInput(attrs=OFF), **kwargs)

    def clean(self, value) -> Municipality | None:
        text = super().clean(value)
        if not text:
            return None
        found = Municipality.objects.filter(Q(name_fi__iexact=text) | Q(name_sv__iexact=text) | Q(code=text)).order_by("code").first()
        if found is None:
            raise ValidationError(self.error_messages["unknown"], code="unknown")
        return found

    def prepare_value(self, value):
        return value.name if isinstance(value, Municipality) else value


class MinorFields(forms.Form):
    """Asked before anything else is done for a client under 18."""

    minor_actor = forms.ChoiceField(label=_("Who acts for a minor"), choices=[("", _("Not a minor")), *((value, capfirst(label)) for value, label in Client._meta.get_field("minor_actor").choices)], required=False)
    minor_checked_on = DayField(label=_("Home municipality's duty of guidance asked on"), required=False, help_text=_("For a client under 18: ask the home municipality first. For example 3.2.2027."))

    # Neither optional nor always asked: a birth date makes them needed.
    minor_actor.needed_when = minor_checked_on.needed_when = "birth_date"

    def clean_minor_checked_on(self):
        day = self.cleaned_data["minor_checked_on"]
        if day and day > timezone.localdate():
            raise ValidationError(_("This day is still to come."))
        return day


class AddClientForm(MinorFields):
    """The least that a pathway needs: who, how to reach, and what happens next."""

    token = token_field()
    partnership = forms.ChoiceField(label=_("Partnership"), widget=forms.RadioSelect)
    family_name = name_field(_("Family name"), _("Write the family name."))
    given_names = name_field(_("Given names"), _("Write the given names."))
    birth_date = birth_field()
    phone = forms.CharField(label=_("Telephone"), required=False, max_length=40, widget=forms.TextInput(attrs=OFF))
    email = forms.EmailField(label=_("E-mail"), required=False, widget=forms.EmailInput(attrs=OFF))
    service_language = forms.ChoiceField(label=_("Language of service"), choices=[(value, capfirst(label)) for value, label in Client._meta.get_field("service_language").choices], initial="fi", widget=forms.RadioSelect, error_messages={"required": CHOOSE_LANGUAGE})
    target_group = forms.ChoiceField(label=_("Target group"), choices=choices(TargetGroup, _("Not known yet")), required=False)
    is_protected = forms.BooleanField(label=_("Non-disclosure for personal safety (turvakielto)"), required=False, help_text=_("Telephone, e-mail, address and municipality are then not kept at all: they are emptied here too. Only the contact address below is kept, and only people who are named see places and employers."))
    contact_address = forms.CharField(label=_("Contact address"), required=False, max_length=200, widget=forms.TextInput(attrs=OFF), help_text=_("Needed under non-disclosure, and only then."))
    first_step = forms.CharField(label=_("What happens next"), max_length=300, widget=forms.TextInput(attrs=OFF), error_messages={"required": _("Write what happens next.")})
    first_due_on = DayField(label=_("By"))
    contact_address.needed_when = "is_protected"
    # The likely same people that the person has been shown, and has said are others.
    others = forms.CharField(required=False, widget=forms.HiddenInput, max_length=100)
    is_another = forms.BooleanField(label=_("None of these: this is another person"), required=False)

    def __init__(self, *args, partnerships, **kwargs) -> None:
        kwargs["initial"] = {"token": uuid.uuid4(), "partnership": partnerships[0].pk if partnerships else ""} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.partnerships = {str(one.pk): one for one in partnerships}
        self.fields["partnership"].choices = [(key, one.name) for key, one in self.partnerships.items()]
        if len(self.partnerships) == 1:
            self.fields["partnership"].widget = forms.HiddenInput()

    @property
    def shows_minor(self) -> bool:
        return any(self[name].value() or self[name].errors for name in ("minor_actor", "minor_checked_on"))

    def clean_birth_date(self):
        day = self.cleaned_data["birth_date"]
        if day and day > timezone.localdate():
            raise ValidationError(_("The birth date is in the future."))
        return day

    def clean_first_due_on(self):
        day = self.cleaned_data["first_due_on"]
        if day and day < timezone.localdate():
            raise ValidationError(_("This day is in the past."))
        return day

    def clean(self) -> dict:
        data = super().clean()
        if data.get("is_protected") and not data.get("contact_address") and "contact_address" not in self.errors:
            self.add_error("contact_address", _("Write the contact address, or through whom the client is reached: nothing else is kept."))
        return data

    def client(self) -> Client:
        data = self.cleaned_data
        reached = {} if data["is_protected"] else {"phone": data["phone"], "email": data["email"]}
        fields = {name: data[name] for name in ("family_name", "given_names", "birth_date", "service_language", "minor_actor", "minor_checked_on")}
        return Client(**fields, **reached)

    @property
    def chosen_partnership(self):
        return self.partnerships[self.cleaned_data["partnership"]]

    def confirms(self, pseudonyms: list[str]) -> bool:
        """Whether the person has seen all of these and says that they are others."""
        return self.cleaned_data["is_another"] and set(pseudonyms) <= set(self.cleaned_data["others"].split(","))


class EditClientForm(MinorFields):
    """`seen` carries the values that the page was drawn with, signed, so that nothing is overwritten unseen."""

    REACHED = ("phone", "email", "address", "municipality")

    seen = forms.CharField(widget=forms.HiddenInput, max_length=4000)
    family_name = name_field(_("Family name"), _("Write the family name."))
    given_names = name_field(_("Given names"), _("Write the given names."))
    birth_date = birth_field()
    phone = forms.CharField(label=_("Telephone"), required=False, max_length=40, widget=forms.TextInput(attrs=OFF))
    email = forms.EmailField(label=_("E-mail"), required=False, widget=forms.EmailInput(attrs=OFF))
    address = forms.CharField(label=_("Address"), required=False, max_length=200, widget=forms.TextInput(attrs=OFF))
    municipality = MunicipalityField(label=_("Home municipality"), required=False)
    contact_address = forms.CharField(label=_("Contact address"), required=False, max_length=200, widget=forms.TextInput(attrs=OFF))
    service_language = forms.ChoiceField(label=_("Language of service"), choices=[(value, capfirst(label)) for value, label in Client._meta.get_field("service_language").choices], error_messages={"required": CHOOSE_LANGUAGE})
    interpreter_language = forms.CharField(label=_("Interpreter's language"), required=False, max_length=40)
    finnish_level = forms.ChoiceField(label=_("Level of Finnish"), choices=choices(LanguageLevel, _("Not known yet")), required=False)
    swedish_level = forms.ChoiceField(label=_("Level of Swedish"), choices=choices(LanguageLevel, _("Not known yet")), required=False)

    field_order = ["seen", "family_name", "given_names", "birth_date", "phone", "email", "address", "municipality", "contact_address", "service_language", "interpreter_language", "finnish_level", "swedish_level", "minor_actor", "minor_checked_on"]

    def __init__(self, *args, client: Client, **kwargs) -> None:
        values = {name: getattr(client, name) for name in self.base_fields if name != "seen"}
        kwargs["initial"] = values | {"seen": sign_values(values)}
        super().__init__(*args, **kwargs)
        if client.is_protected:
            self.fields["contact_address"].required = True
            for name in self.REACHED:
                del self.fields[name]
        else:
            del self.fields["contact_address"]

    def clean_birth_date(self):
        day = self.cleaned_data["birth_date"]
        if day and day > timezone.localdate():
            raise ValidationError(_("The birth date is in the future."))
        return day

    def clean_seen(self) -> dict:
        try:
            return signing.loads(self.cleaned_data["seen"], salt=SEEN_SALT)
        except signing.BadSignature:
            raise ValidationError(_("Open the page again.")) from None

    def changed_values(self) -> list[str]:
        """The fields in which the person wrote something else than the page was drawn with."""
        seen = self.cleaned_data["seen"]
        return [name for name in self.fields if name != "seen" and (plain(self.cleaned_data[name]) or "") != seen.get(name, "")]

    def values(self) -> dict:
        """Only what the person changed: the rest may have been changed by somebody else meanwhile."""
        values = {name: self.cleaned_data[name] for name in self.changed_values()}
        if "municipality" in values:
            values["municipality_code"] = values["municipality"].code if values["municipality"] else ""
        return values


def plain(value):
    """A value as it can be signed and compared."""
    if isinstance(value, Municipality):
        return value.code
    return written(value) if hasattr(value, "isoformat") else value


def sign_values(values: dict) -> str:
    return signing.dumps({name: plain(value) or "" for name, value in values.items()}, salt=SEEN_SALT)


class ProtectForm(forms.Form):
    contact_address = forms.CharField(label=_("Contact address"), max_length=200, widget=forms.TextInput(attrs=OFF), help_text=_("The only address that is kept. If there is none, write through whom the client is reached."))
    named_people = PeopleField(label=_("Who else sees places and employers"))

    def __init__(self, *args, people, acting: Membership, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["named_people"].offer(people.exclude(pk=acting.pk))


class MergeForm(forms.Form):
    """The other file, by its pseudonym; then which of the two is kept."""

    other = forms.RegexField(rf"^{PseudonymConverter.regex}$", label=_("The other file"), strip=True, help_text=_("Its identifier, for example K7F3-92QX."), error_messages={"invalid": _("Write the identifier in the form K7F3-92QX.")}, widget=forms.TextInput(attrs=OFF))
    keep = forms.CharField(required=False, max_length=9, widget=forms.HiddenInput)
    is_same_person = forms.BooleanField(label=_("I have checked it: this is one person"), required=False)
