"""Forms of the client's own page, on both sides of it."""
import uuid

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models.user import LANGUAGES
from accounts.wording import HINTS, INVALID_EMAIL
from guidance.actions.own_entries import MOST_ENTRY_TEXT, SAYS_ENOUGH
from guidance.choices import ANSWERED_IN_WORDS, EntryKind, IdentityCheck, LocalReason
from guidance.forms.fields import text_field, token_field
from guidance.models import ClientEntry, ClientInvitation, NextStep


def own_email(**options) -> forms.EmailField:
    words = {"required": _("Write the client's address."), "invalid": INVALID_EMAIL}
    return forms.EmailField(label=_("The client's e-mail address"), max_length=254, error_messages=words, widget=forms.EmailInput(attrs={"autocomplete": "off"}), **options)


def mail_language() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Language of the mail"), choices=LANGUAGES, widget=forms.RadioSelect)


def _ways_to_sign_in() -> list[tuple[str, str]]:
    """In the language of the page."""
    return [("", gettext("With strong identification, as is the rule")), *((value, capfirst(gettext("without it: %(reason)s") % {"reason": label})) for value, label in LocalReason.choices)]


class ClientInvitationForm(forms.Form):
    email = own_email(help_text=_("One that nobody else reads. Ask the client."))
    language = mail_language()
    local_reason = forms.ChoiceField(
        label=_("How the client signs in"),
        required=False,
        widget=forms.RadioSelect,
        choices=_ways_to_sign_in,
        help_text=_("Without strong identification the client uses a password and a second factor."),
    )
    local_text = forms.CharField(
        label=_("The reason in a few words"),
        required=False,
        max_length=ClientInvitation._meta.get_field("local_text").max_length,
        help_text=_("Needed when the client signs in without strong identification. It is kept with the account."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    local_text.needed_when = "local_reason"

    def clean(self) -> dict:
        data = super().clean()
        if data.get("local_reason") and not (data.get("local_text") or "").strip():
            self.add_error("local_text", _("Write why strong identification is left out."))
        elif not data.get("local_reason"):
            data["local_text"] = ""
        return data


class AppointmentLinkForm(forms.Form):
    MAIL, PRINT = "mail", "print"

    way = forms.ChoiceField(label=_("How the client gets the link"), choices=[(PRINT, _("On paper")), (MAIL, _("By mail"))], widget=forms.RadioSelect, initial=PRINT)
    email = own_email(required=False, help_text=_("Needed for a mail. It is not kept with the link."))
    language = mail_language()

    email.needed_when = "way"

    def clean(self) -> dict:
        data = super().clean()
        if data.get("way") == self.MAIL and not data.get("email") and "email" not in self.errors:
            self.add_error("email", _("Write the client's address."))
        if data.get("way") == self.PRINT:
            data["email"] = ""
        return data


class WayBackForm(forms.Form):
    check = forms.ChoiceField(
        label=_("How you have made sure who the client is"),
        choices=[(value, capfirst(label)) for value, label in IdentityCheck.choices],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you have made sure who the client is.")},
    )
    language = mail_language()


class BackForm(forms.Form):
    password = forms.CharField(
        label=_("Your password"), strip=False, max_length=1000, error_messages={"required": _("Write your password.")}, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class CloseForm(forms.Form):
    sure = forms.BooleanField(label=_("I have read what goes and what stays. I close my page."), error_messages={"required": _("Tick the box when you have read what goes and what stays.")})


class JoinForm(forms.Form):
    password = forms.CharField(
        label=_("Choose a password"), strip=False, max_length=1000, help_text=HINTS["password1"], error_messages={"required": _("Write a password.")}, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )


LABELS = {
    EntryKind.GOAL: _("What do you want? What do you hope for?"),
    EntryKind.DONE: _("What did you do?"),
    EntryKind.QUESTION: _("Your question"),
    EntryKind.NOT_CONTACTED: _("Do you want to add something?"),
    EntryKind.NOT_RIGHT: _("What is not right? How should it be?"),
}


class OwnStepField(forms.ModelChoiceField):
    def label_from_instance(self, obj: NextStep) -> str:
        return obj.what


class EntryForm(forms.Form):
    """What the client writes; where the kind says enough, the words may be left out."""

    token = token_field()
    step = OwnStepField(label=_("Which of your tasks"), queryset=NextStep.objects.none(), required=False, empty_label=_("Something else"))
    text = text_field(label="", rows=5, max_length=MOST_ENTRY_TEXT, error_messages={"required": _("Write in your own words.")})

    def __init__(self, data=None, *, kind: EntryKind, steps, step: int | None = None) -> None:
        super().__init__(data, initial={"token": uuid.uuid4(), "step": step})
        self.fields["text"].label, self.fields["text"].required = LABELS[kind], kind not in SAYS_ENOUGH
        if kind == EntryKind.DONE and steps.exists():
            self.fields["step"].queryset = steps
        else:
            del self.fields["step"]


class EntryAnswerForm(forms.Form):
    text = text_field(label=_("Your answer to the client"), rows=5, required=False, max_length=MOST_ENTRY_TEXT, help_text=_("The client reads it, and so does everybody who takes part. Write plainly."))

    def __init__(self, data=None, *, entry: ClientEntry) -> None:
        super().__init__(data)
        self.fields["text"].required = entry.kind in ANSWERED_IN_WORDS
        self.fields["text"].error_messages["required"] = _("Write the answer: the client reads it.")
