"""An agreement, its lines, a decision on it, a settlement and its correction."""
import uuid
from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from pilots.forms.days import DayField
from pilots.forms.editing import sentence_case, version_field
from pilots.models import Organisation
from services.actions.agreements import MOST_PARTIES
from services.choices import STAFF_FORMS, LendingForm, PriceBasis, Vat
from services.forms.bookings import ChosenField
from services.models import Agreement, AgreementLine, AgreementParty, SharedService

OTHERS = range(1, MOST_PARTIES)
BASES = [(value, label) for value, label in sentence_case(PriceBasis) if value != PriceBasis.AGREED]


def percent(label: str, **kwargs) -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=0, max_value=100, max_digits=5, decimal_places=2, localize=True, **kwargs)


class AgreementForm(forms.Form):
    """The frame: who, for how long, in which shares. Lines are added on pages of their own."""

    title = forms.CharField(label=_("Title"), max_length=150, help_text=_("For example: Teacher of Swedish, school year 2026–2027. No names of clients or pupils."))
    form = forms.ChoiceField(label=_("Form of lending"), choices=sentence_case(LendingForm), widget=forms.RadioSelect)
    first_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"))
    share = percent(_("Your own share of the cost, per cent"), help_text=_("Shares of all parties add up to 100 %. Who pays everything has 100 %."))
    qualification = forms.CharField(label=_("Qualification for the post"), max_length=300, required=False, help_text=_("Only when staff is lent: which qualification the post asks for, and that it is fulfilled."))
    extract_seen_on = DayField(label=_("Criminal-record extract seen on"), required=False, help_text=_("Only when staff is lent: the day on which it was seen. Never what it says, and no copy of it."))
    terms = forms.CharField(label=_("Other terms"), max_length=5_000, required=False, widget=forms.Textarea(attrs={"rows": 6}), help_text=_("For example who pays for travel, and how it is given notice of. No names of clients or pupils."))
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = version_field()

    field_order = ["title", "form", "first_day", "last_day", "share", *(name for number in OTHERS for name in (f"party_{number}", f"share_{number}"))]

    def __init__(self, *args, own: Organisation, agreement: Agreement | None = None, party: Organisation | None = None, initial: dict | None = None, **kwargs) -> None:
        shown = {"token": uuid.uuid4(), "version": 0} | (initial or {})
        rows: list[AgreementParty] = []
        if agreement:
            rows = [one for one in agreement.parties.all() if one.organisation_id != own.pk]
            mine = next((one for one in agreement.parties.all() if one.organisation_id == own.pk), None)
            names = ("title", "form", "first_day", "last_day", "terms", "qualification", "extract_seen_on", "version")
            shown |= {name: getattr(agreement, name) for name in names} | {"share": mine.percent if mine else None}
            shown |= {f"party_{number}": str(one.organisation_id) for number, one in enumerate(rows, start=1)} | {f"share_{number}": one.percent for number, one in enumerate(rows, start=1)}
        elif party:
            shown |= {"party_1": str(party.pk)}
        super().__init__(*args, initial=shown, **kwargs)
        self.own, self.fields["version"].required = own, agreement is not None
        others = list(Organisation.objects.filter(ended_on=None).exclude(pk=own.pk).order_by("sort_key_fi", "pk"))
        for number in OTHERS:
            first = number == 1
            self.fields[f"party_{number}"] = ChosenField(label=_("Other party") if first else _("Other party %(number)s") % {"number": number}, required=first)
            self.fields[f"party_{number}"].offer(others, _("Choose an organisation") if first else _("None"))
            self.fields[f"share_{number}"] = percent(_("Its share of the cost, per cent"), required=first)
        self.order_fields(self.field_order)

    def clean(self) -> dict:
        data = super().clean()
        if data.get("first_day") and data.get("last_day") and data["last_day"] < data["first_day"]:
            self.add_error("last_day", _("The last day must not be before the first."))
        if data.get("form") and data["form"] not in STAFF_FORMS:
            for name in ("qualification", "extract_seen_on"):
                if data.get(name):
                    self.add_error(name, _("Leave this empty: no staff is lent in this form."))
        seen = set()
        for number in OTHERS:
            party, part = data.get(f"party_{number}"), data.get(f"share_{number}")
            if party and part is None and number > 1 and f"share_{number}" not in self.errors:
                self.add_error(f"share_{number}", _("Give the share of this organisation; 0 when it pays nothing."))
            if not party and part and number > 1:
                self.add_error(f"party_{number}", _("Choose whose share this is."))
            if party and party.pk in seen:
                self.add_error(f"party_{number}", _("Each organisation is a party once."))
            seen.add(party.pk if party else None)
        if not self.errors and (whole := sum(share for _organisation, share in self.shares())) != 10_000:
            self.add_error("share", _("The shares must add up to 100 %%. Now they add up to %(sum)s %%.") % {"sum": (Decimal(whole) / 100).normalize()})
        return data

    def shares(self) -> list[tuple[Organisation, int]]:
        data = self.cleaned_data
        pairs = [(self.own, data["share"]), *((data[f"party_{number}"], data[f"share_{number}"] or 0) for number in OTHERS if data.get(f"party_{number}"))]
        return [(organisation, int(share * 100)) for organisation, share in pairs]

    def values(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("title", "form", "first_day", "last_day", "terms", "qualification", "extract_seen_on")}


class LineForm(forms.Form):
    service = ChosenField(label=_("Service"), required=False, help_text=_("A public service of one of the parties: its hours or seats are counted by themselves."))
    subject = forms.CharField(label=_("Or in words"), max_length=200, required=False, help_text=_("What is no service in the portal, for example travel costs. It has a price per term or none."))
    provider = ChosenField(label=_("Given by"), required=False, help_text=_("Only for what is written in words."))
    basis = forms.ChoiceField(label=_("Price"), choices=BASES, widget=forms.RadioSelect, help_text=_("A price per term counts once in each settlement."))
    price = forms.DecimalField(label=_("Price in euros"), required=False, min_value=0, max_digits=9, decimal_places=2, localize=True)
    vat = forms.ChoiceField(label=_("VAT"), choices=sentence_case(Vat), widget=forms.RadioSelect, initial=Vat.NONE, help_text=_("As you have agreed. Ask your financial administration when you are not sure: the portal only counts."))
    vat_rate = forms.DecimalField(label=_("VAT rate, per cent"), required=False, min_value=Decimal("0.01"), max_value=99, max_digits=4, decimal_places=2, localize=True)
    version = version_field()

    def __init__(self, *args, agreement: Agreement, services: list[SharedService], line: AgreementLine | None = None, initial: dict | None = None, **kwargs) -> None:
        shown = {"version": agreement.version} | (initial or {})
        if line:
            shown |= {name: getattr(line, name) for name in ("subject", "basis", "price", "vat", "vat_rate")} | {"service": str(line.service_id or ""), "provider": str(line.provider_id)}
        super().__init__(*args, initial=shown, **kwargs)
        taken = {one.service_id for one in agreement.lines.all() if line is None or one.pk != line.pk}
        offered = [one for one in services if one.pk not in taken]
        self.fields["service"].offer(offered, _("None: it is written in words"))
        self.fields["service"].choices = [("", _("None: it is written in words")), *((str(one.pk), f"{one.name} ({one.organisation.name})") for one in offered)]
        self.fields["provider"].offer([party.organisation for party in agreement.parties.all()], _("Choose an organisation"))

    def clean(self) -> dict:
        data = super().clean()
        service, subject, basis = data.get("service"), data.get("subject"), data.get("basis")
        if bool(service) == bool(subject) and "service" not in self.errors:
            self.add_error("service", _("Choose a service, or write what it is: one of the two."))
        elif subject and not data.get("provider"):
            self.add_error("provider", _("Choose the party that gives it."))
        if subject and basis in (PriceBasis.HOUR, PriceBasis.SEAT):
            self.add_error("basis", _("Hours and seats are counted from a service in the portal. Choose one, or give a price per term."))
        if basis and (basis == PriceBasis.FREE) != (data.get("price") is None) and "price" not in self.errors:
            self.add_error("price", _("Give the price in euros, or none when it is free of charge."))
        if data.get("vat") and (data["vat"] == Vat.NONE) != (data.get("vat_rate") is None) and "vat_rate" not in self.errors:
            self.add_error("vat_rate", _("Give the VAT rate in per cent, and only where VAT is charged."))
        if basis == PriceBasis.FREE and data.get("vat") not in (None, Vat.NONE):
            self.add_error("vat", _("What is free of charge has no VAT."))
        return data


class DecisionForm(forms.Form):
    body = forms.CharField(label=_("Deciding body or officer"), max_length=150, help_text=_("For example: Education committee, or: Director of education."))
    decided_on = DayField(label=_("Day of the decision"))
    section = forms.CharField(label=_("Section"), max_length=20, required=False, help_text=_("For example: § 91."))
    record_number = forms.CharField(label=_("Record number"), max_length=60, required=False)
    version = version_field()


class AgreementMoveForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}), error_messages={"required": _("Give the reason: the other organisations read it.")})
    version = version_field()

    def __init__(self, *args, needs_reason: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not needs_reason:
            del self.fields["reason"]


class SettlementForm(forms.Form):
    first_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"), help_text=_("For example the last day of the term. It can be accepted when this day has passed."))
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class CorrectionForm(forms.Form):
    """One field for each line of the agreement: what is added, or with a minus taken off."""

    reason = forms.CharField(label=_("What is put right, and why"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("The other organisations read it. Write no names of clients or pupils."))
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args, lines: list[AgreementLine], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.lines = [line for line in lines if line.basis != PriceBasis.FREE]
        for line in self.lines:
            unit = {PriceBasis.HOUR: _("hours"), PriceBasis.SEAT: _("seats")}.get(PriceBasis(line.basis), _("terms"))
            self.fields[f"line_{line.pk}"] = forms.DecimalField(
                label=_("%(what)s: %(unit)s more or less") % {"what": line.what, "unit": unit}, required=False, localize=True, max_digits=8, decimal_places=2, help_text=_("With a minus what was too much, for example −2.")
            )

    def quantities(self) -> dict[int, Decimal]:
        return {line.pk: value for line in self.lines if (value := self.cleaned_data.get(f"line_{line.pk}")) is not None}
