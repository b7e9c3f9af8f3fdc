"""Setting up and changing a partnership. No list of thousands: an organisation is searched for and chosen."""
from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext_lazy as _

from guidance.actions.partnerships import ALWAYS_THERE, EDITED
from guidance.choices import Part, Stage
from guidance.forms.fields import GroundField, OneOfField
from guidance.models import Partnership, PartnershipPart
from guidance.queries.legal import grounds_to_choose
from pilots.forms.days import DayField
from pilots.models import Membership

SEEN_SALT = "guidance.partnership.seen"
MOST_DAYS = 365


class SeenForm(forms.Form):
    """Carries, signed, what the page showed, so that a change made meanwhile is not overwritten."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=40_000, error_messages={"required": _("Open the page again.")})

    def __init__(self, *args, seen: dict, initial: dict, **kwargs) -> None:
        plain = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in seen.items()}
        super().__init__(*args, initial=initial | {"seen": signing.dumps(plain, salt=SEEN_SALT, compress=True)}, **kwargs)

    def clean_seen(self) -> dict:
        try:
            return signing.loads(self.cleaned_data["seen"], salt=SEEN_SALT)
        except signing.BadSignature:
            raise ValidationError(_("Open the page again.")) from None


def _days(label) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=MOST_DAYS, widget=forms.NumberInput(attrs={"inputmode": "numeric"}))


class NameForm(forms.Form):
    name_fi = forms.CharField(label=_("Name in Finnish"), max_length=200)
    name_sv = forms.CharField(label=_("Name in Swedish"), max_length=200, required=False)


class PartnershipForm(SeenForm, NameForm):
    roles_agreement = forms.CharField(label=_("Agreement of roles"), max_length=200, required=False, help_text=_("Own or joint controllers, and who hosts: the document's name or record number."))
    roles_agreed_on = DayField(label=_("Roles agreed on"), required=False)
    dpia_reference = forms.CharField(label=_("Data protection impact assessment"), max_length=200, required=False, help_text=_("The document's name or record number."))
    remind_after = _days(_("Remind the receiver after (days)"))
    colleagues_after = _days(_("Tell the receiver's colleagues after (days)"))
    lead_after = _days(_("Put on the lead's list after (days)"))
    stale_after = _days(_("A pathway is stale after (days without an event)"))
    step_within = _days(_("First next step within (days)"))

    def __init__(self, *args, partnership: Partnership, **kwargs) -> None:
        values = {name: getattr(partnership, name) for name in EDITED}
        super().__init__(*args, seen=values, initial=values, **kwargs)

    def clean_seen(self) -> dict:
        seen = super().clean_seen()
        return seen | {"roles_agreed_on": parse_date(seen["roles_agreed_on"]) if seen["roles_agreed_on"] else None}

    def clean_roles_agreed_on(self):
        day = self.cleaned_data["roles_agreed_on"]
        if day and day > timezone.localdate():
            raise ValidationError(_("This day is still to come."))
        return day

    def clean(self) -> dict:
        data = super().clean()
        for earlier, later in (("remind_after", "colleagues_after"), ("colleagues_after", "lead_after")):
            if data.get(earlier) and data.get(later) and data[later] <= data[earlier]:
                self.add_error(later, _("Each step of the ladder must come after the one before."))
        return data


class PartForm(forms.Form):
    """Among those found by the search; the view gives them."""

    organisation = forms.ChoiceField(label=_("Which organisation?"), widget=forms.RadioSelect, choices=[], error_messages={"required": _("Choose the organisation.")})
    part = forms.ChoiceField(label=_("Its part"), choices=[(value, capfirst(label)) for value, label in Part.choices if value != Part.EMPLOYMENT], initial=Part.COLLEGE, widget=forms.RadioSelect)

    def __init__(self, *args, found, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.found = {organisation.slug: organisation for organisation in found}
        self.fields["organisation"].choices = [(slug, organisation.name) for slug, organisation in self.found.items()]


class OwnPartForm(SeenForm):
    acts_as_authority = forms.ChoiceField(
        label=_("Does your organisation act as an authority in this task?"), choices=[("yes", _("Yes")), ("no", _("No"))], widget=forms.RadioSelect, error_messages={"required": _("Choose yes or no.")}
    )
    processing_ground = GroundField(label=_("Provision of law that your processing rests on"))
    processing_statute = forms.CharField(label=_("In words, when the provision is not in the list"), max_length=200, required=False, help_text=_("Statute and section, as your organisation has stated them. The portal fills in none."))

    def __init__(self, *args, part: PartnershipPart, **kwargs) -> None:
        answer = {True: "yes", False: "no"}.get(part.acts_as_authority, "")
        seen = {"acts_as_authority": part.acts_as_authority, "processing_statute": part.processing_statute}
        words = "" if part.processing_ground_id else part.processing_statute
        super().__init__(*args, seen=seen, initial={"acts_as_authority": answer, "processing_ground": part.processing_ground_id, "processing_statute": words}, **kwargs)
        self.fields["processing_ground"].offer(grounds_to_choose(processing=True, keep=part.processing_ground_id))


class StagePartsForm(SeenForm):
    """Boxes for each stage: the parts that answer for it, among those that the partnership has or will have."""

    def __init__(self, *args, partnership: Partnership, parts: list[PartnershipPart], **kwargs) -> None:
        stored = partnership.stage_parts
        super().__init__(*args, seen={"stage_parts": stored}, initial=dict(stored), **kwargs)
        there = {*ALWAYS_THERE, *(part.part for part in parts)}
        choices = [(part.value, capfirst(part.label)) for part in Part if part in there]
        for number, stage in enumerate(Stage, 1):
            self.fields[stage.value] = forms.MultipleChoiceField(
                label=format_lazy("{number}. {stage}", number=number, stage=stage.label),
                choices=choices,
                widget=forms.CheckboxSelectMultiple,
                error_messages={"required": _("Choose at least one part that the partnership has.")},
            )

    def stage_parts(self) -> dict[str, list[str]]:
        return {stage.value: self.cleaned_data[stage.value] for stage in Stage}


class LeadsForm(SeenForm):
    lead = OneOfField(label=_("Partnership lead"), widget=forms.RadioSelect, error_messages={"required": _("Choose the lead.")})
    substitute = OneOfField(label=_("Substitute"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args, partnership: Partnership, people: list[Membership], ready: set[int], **kwargs) -> None:
        now = {"lead": partnership.lead_id, "substitute": partnership.substitute_id}
        super().__init__(*args, seen=now, initial=now, **kwargs)
        self.fields["lead"].offer(people)
        self.fields["substitute"].offer(people, _("Nobody yet"))
        for name in ("lead", "substitute"):
            self.fields[name].choices = [(key, self._label(key, label, people, ready)) for key, label in self.fields[name].choices]

    def _label(self, key: str, label: str, people: list[Membership], ready: set[int]) -> str:
        return label if not key or int(key) in ready else _("%(name)s (no second factor yet)") % {"name": label}

    def clean(self) -> dict:
        data = super().clean()
        if data.get("lead") and data.get("lead") == data.get("substitute"):
            self.add_error("substitute", _("The substitute must be another person than the lead."))
        return data
