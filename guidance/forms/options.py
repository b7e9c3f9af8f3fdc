"""Education options: the facts they are compared by, their states, and work beside them."""
import uuid
from decimal import Decimal

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guidance.choices import OPTION_MOVES, BenefitDecision, OptionKind, OptionState
from guidance.forms.fields import token_field
from guidance.models import EducationOption, Pathway
from pilots.forms.days import DayField
from pilots.models import Organisation

PROTECTED = ("provider", "provider_outside", "distance_km", "applied_to", "hoks_teacher")


def choices(codes) -> list[tuple[str, str]]:
    return [(value, capfirst(label)) for value, label in codes.choices]


class EuroField(forms.DecimalField):
    """120,50 or 120.50, in every language."""

    widget = forms.TextInput

    def __init__(self, **kwargs) -> None:
        super().__init__(min_value=Decimal(0), max_digits=9, decimal_places=2, **kwargs)

    def to_python(self, value):
        if isinstance(value, str):
            value = "".join(value.split()).replace("€", "").replace(",", ".")
        return super().to_python(value)


def short(label, length: int, **kwargs) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=False, **kwargs)


class OptionForm(forms.Form):
    """What the option is, and what it is compared by; `seen_at` tells from which state the person began."""

    token = token_field()
    seen_at = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("Kind"), choices=choices(OptionKind))
    title = forms.CharField(label=_("What"), max_length=200, help_text=_("The name of the training, qualification or part of it."))
    provider = forms.ModelChoiceField(label=_("Education provider"), queryset=None, required=False, empty_label=_("Not in this partnership"))
    provider_outside = short(_("Provider outside the partnership"), 200)
    decides = short(_("Who decides"), 200)
    how_to_apply = short(_("How to apply"), 300)
    next_start_on = DayField(label=_("Next start"), required=False)
    benefit_effect = short(_("Effect on benefits"), 300)
    cost_euros = EuroField(label=_("Cost to the client in euros"), required=False)
    language_level = short(_("Language level needed"), 100)
    distance_km = forms.IntegerField(label=_("Distance in kilometres"), required=False, min_value=0, max_value=2000)
    code_uri = forms.URLField(label=_("National code (URI)"), required=False, max_length=200, assume_scheme="https", help_text=_("As the national code service gives it, for example of a qualification."))
    code_version = short(_("Version of the code"), 20)
    starts_on = DayField(label=_("Starts on"), required=False)
    benefit_decision = forms.ChoiceField(label=_("Decision on the benefit during studies"), choices=choices(BenefitDecision), initial=BenefitDecision.NOT_ASKED, widget=forms.RadioSelect, help_text=_("Needed as a rule before the studies begin."))
    hoks_on = DayField(label=_("HOKS made on"), required=False)
    hoks_teacher = short(_("Responsible teacher"), 150)

    GROUPS = (
        (_("Compare by"), ("decides", "how_to_apply", "next_start_on", "benefit_effect", "cost_euros", "language_level", "distance_km")),
        (_("Start"), ("starts_on", "benefit_decision", "hoks_on", "hoks_teacher")),
        (_("National code"), ("code_uri", "code_version")),
    )
    FIRST = ("kind", "title", "provider", "provider_outside")

    def __init__(self, data=None, *, pathway: Pathway, shows_protected: bool, option: EducationOption | None = None) -> None:
        initial = {"token": uuid.uuid4()}
        if option:
            initial |= {name: getattr(option, name) for name in self.base_fields if hasattr(option, name)} | {"provider": option.provider_id, "seen_at": option.changed_at.isoformat()}
        super().__init__(data, initial=initial)
        self.fields["provider"].queryset = Organisation.objects.filter(partnership_parts__partnership=pathway.partnership_id).order_by("sort_key_fi")
        if not shows_protected:
            for name in PROTECTED:
                self.fields.pop(name, None)

    def first(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FIRST if name in self.fields]

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(legend, [self[name] for name in names if name in self.fields]) for legend, names in self.GROUPS]

    def values(self) -> dict:
        return {name: value for name, value in self.cleaned_data.items() if name not in ("token", "seen_at")}


class OptionMoveForm(forms.Form):
    """The next state of an option, with the day and place that belong to it."""

    target = forms.ChoiceField(choices=OptionState, widget=forms.HiddenInput)
    applied_to = short(_("Applied where"), 200)
    applied_on = DayField(label=_("Applied on"))
    starts_on = DayField(label=_("Starts on"))
    benefit_decision = forms.ChoiceField(label=_("Decision on the benefit during studies"), choices=choices(BenefitDecision), widget=forms.RadioSelect)
    ended_on = DayField(label=_("Ended on"))

    BELONGS = {
        OptionState.APPLIED: ("applied_to", "applied_on"),
        OptionState.ADMITTED: ("starts_on", "benefit_decision"),
        OptionState.STARTED: ("starts_on", "benefit_decision"),
        OptionState.INTERRUPTED: ("ended_on",),
        OptionState.COMPLETED: ("ended_on",),
    }

    def __init__(self, data=None, *, option: EducationOption, target: str, shows_protected: bool) -> None:
        today = timezone.localdate()
        super().__init__(data, initial={
            "target": target, "applied_to": option.applied_to, "applied_on": option.applied_on or today,
            "starts_on": option.starts_on or option.next_start_on, "benefit_decision": option.benefit_decision, "ended_on": today,
        })
        kept = {"target", *self.BELONGS.get(target, ())} - (set() if shows_protected else set(PROTECTED))
        for name in set(self.fields) - kept:
            del self.fields[name]
        if target == OptionState.ADMITTED:
            self.fields["starts_on"].required = False

    def values(self) -> dict:
        return {name: value for name, value in self.cleaned_data.items() if name != "target"}


def next_states(option: EducationOption) -> list[tuple[str, str, bool]]:
    """Where an option can go from its state: code, words, and whether something is asked before."""
    return [(state, str(OptionState(state).label), bool(OptionMoveForm.BELONGS.get(state))) for state in OPTION_MOVES[option.state]]


class WorkplaceForm(forms.Form):
    """A learning period with an employer, as a part of an education option."""

    token = token_field()
    option = forms.ModelChoiceField(label=_("Part of"), queryset=None, empty_label=None, help_text=_("The studies that have started."))
    employer = forms.CharField(label=_("Employer"), max_length=200)
    starts_on = DayField(label=pgettext_lazy("date", "From"))
    ends_on = DayField(label=pgettext_lazy("date", "Until"), required=False)

    def __init__(self, data=None, *, pathway: Pathway) -> None:
        super().__init__(data, initial={"token": uuid.uuid4()})
        field = self.fields["option"]
        field.queryset = EducationOption.objects.filter(pathway=pathway, state=OptionState.STARTED).order_by("-starts_on", "id")
        field.label_from_instance = lambda option: option.title


class WorkForm(forms.Form):
    """Work, whether or not the client studies at the same time."""

    token = token_field()
    employer = short(_("Employer"), 200)
    starts_on = DayField(label=pgettext_lazy("date", "From"))
    ends_on = DayField(label=pgettext_lazy("date", "Until"), required=False)

    def __init__(self, data=None) -> None:
        super().__init__(data, initial={"token": uuid.uuid4()})


class PeriodEndForm(forms.Form):
    ends_on = DayField(label=_("Until"))
