"""Forms that answer a hand-off: accept, decline, another time, met, pause, undo."""
from datetime import datetime, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guidance.choices import OPEN_HANDOFF, ContactWay, HandoffState
from guidance.forms.fields import text_field
from guidance.forms.handoffs import capfirst_lazy
from guidance.forms.moments import MomentField
from pilots.forms.days import DayField

A_MINUTE = timedelta(seconds=59, microseconds=999_999)


def way_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Way"), choices=[(way.value, capfirst_lazy(way.label)) for way in ContactWay], widget=forms.RadioSelect, error_messages={"required": _("Choose how.")})


class FirstContactForm(forms.Form):
    first_contact_at = MomentField(label=_("First contact"), help_text=_("Day and time, for example 3.2.2027 14.05."), error_messages={"required": _("Write the day and the time of the first contact.")})
    first_contact_way = way_field()
    place = forms.CharField(label=_("Place or telephone"), required=False, max_length=200)

    def clean_first_contact_at(self):
        moment = self.cleaned_data["first_contact_at"]
        if moment and moment <= timezone.now():
            raise ValidationError(_("The first contact must be in the future."))
        return moment


class AnotherTimeForm(FirstContactForm):
    """The place stays when none is written; under non-disclosure only named people write one."""

    def __init__(self, *args, shows_place: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if shows_place:
            self.fields["place"].help_text = _("Leave empty when it stays as it was.")
        else:
            del self.fields["place"]


class OutsideAcceptForm(FirstContactForm):
    """A body outside says when and how; where is agreed with the sender, not here."""

    place = None


class DeclineForm(forms.Form):
    decline_reason = text_field(label=_("Why you decline"), rows=4, max_length=1000, help_text=_("The sender reads this and looks for a better way. Do not write more about the client than is needed."), error_messages={"required": _("Write why you decline, so that the sender can find a better way.")})


class OutsideDeclinedForm(DeclineForm):
    """The sender writes down what a body outside told them."""

    decline_reason = text_field(label=_("Why the body declined"), rows=4, max_length=1000, help_text=_("As it was told to you. Those who take part in the pathway read this. Do not write more about the client than is needed."), error_messages={"required": _("Write why the body declined, so that a better way is found.")})


class WithdrawForm(forms.Form):
    """An accepted hand-off is undone with a reason only. The state that the person saw travels with the form."""

    seen = forms.ChoiceField(choices=[(state.value, state.label) for state in OPEN_HANDOFF], widget=forms.HiddenInput, error_messages={"required": _("Open this page again."), "invalid_choice": _("Open this page again.")})
    reason = text_field(label=_("Reason"), rows=3, max_length=1000, required=False, error_messages={"required": _("The hand-off has been accepted. Write why it is undone.")})

    def __init__(self, *args, state: str, **kwargs) -> None:
        super().__init__(*args, initial={"seen": state}, **kwargs)
        self.fields["reason"].required = state == HandoffState.ACCEPTED


class MetForm(forms.Form):
    held_at = MomentField(label=_("When it was held"), help_text=_("Day and time, for example 3.2.2027 14.05."), error_messages={"required": _("Write when the contact was held.")})
    way = way_field()
    text = text_field(label=_("What was agreed"), rows=3, max_length=4000, required=False, help_text=_("Every participating organisation reads this."))

    def __init__(self, *args, answered_at: datetime | None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.answered_at = answered_at

    def clean_held_at(self) -> datetime | None:
        """Minutes are typed, seconds are not: in the minute of the acceptance it was held after it."""
        moment, now = self.cleaned_data["held_at"], timezone.now()
        if moment and self.answered_at and moment == self.answered_at.replace(second=0, microsecond=0):
            return min(now, moment + A_MINUTE)
        return moment


class PauseForm(forms.Form):
    paused_until = DayField(label=_("Reminders rest until"), error_messages={"required": _("Write the day.")})
    pause_reason = forms.CharField(label=_("Reason"), max_length=300, error_messages={"required": _("Write why the reminders rest.")})
