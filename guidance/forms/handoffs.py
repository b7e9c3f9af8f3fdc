"""Forms that send a hand-off: to whom, with what, and again."""
from datetime import timedelta

from django import forms
from django.template.defaultfilters import capfirst
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from guidance.choices import DisclosureBasis, HandoffKind, Section
from guidance.forms.fields import GroundField, text_field, token_field
from guidance.forms.pathways import LARGEST_VERSION
from guidance.permissions import needs_decision
from guidance.queries.handoff_page import Receivers
from guidance.queries.legal import grounds_to_choose
from pilots.forms.days import DayField
from pilots.models import Membership, Organisation
from pilots.sorting import natural_key

ANSWER_WITHIN = timedelta(days=7)
# Labels of codes begin with a small letter, for they stand in sentences too.
capfirst_lazy = lazy(capfirst, str)
OUTSIDE = "outside"
DECISION = ("decided_by", "decided_on")
FIRST_SECTIONS = [Section.GOAL, Section.ASSESSMENT, Section.NEXT_STEPS]

DAILY_KINDS = [
    (HandoffKind.REFERRAL, _("Referral to another organisation: whoever answers there leads the guidance once it has accepted. The process stays with its owner.")),
    (HandoffKind.ASSIGNMENT, _("Assignment to one named person, here or elsewhere, who leads the guidance once they have accepted. The process stays with its owner.")),
    (HandoffKind.REQUEST_TO_TAKE, _("Request to take: you ask the organisation that leads the guidance to give the client to you.")),
]
# Apart from the daily ones: it cannot be taken back by who gave it.
RARE_KINDS = [(HandoffKind.TRANSFER, _("Transfer of the process responsibility to another employment authority, when the client's home municipality changes."))]
BASES = [
    (DisclosureBasis.STATUTE, _("A provision of law")),
    (DisclosureBasis.CONSENT, _("The client's consent")),
    (DisclosureBasis.OWN, _("No disclosure: the receiver already takes part, or is in your own organisation")),
]


class ReceiverForm(forms.Form):
    """Whom, on what ground, why and until when; `receiver()` and `ground()` are what the action takes.

    A field that belongs to one choice is needed with it and forgotten without it.
    """

    use_required_attribute = False

    to = forms.ChoiceField(label=_("To whom"), help_text=_("Only those are listed who can receive a client now."), error_messages={"required": _("Choose the receiver."), "invalid_choice": _("Choose a receiver from the list: this one cannot receive a client any more.")})
    to_outside = forms.CharField(label=_("Name of the body outside"), max_length=200, help_text=_("Only when you chose a body outside the portal."), error_messages={"required": _("Write the name of the body.")})
    to_outside_email = forms.EmailField(label=_("Its e-mail"), help_text=_("A link for the answer is sent here; the mail says nothing about the client."), error_messages={"invalid": _("Write the address in the form name@example.org."), "required": _("Write the address to which the link for the answer is sent.")})
    basis = forms.ChoiceField(label=_("Ground for telling about the client"), choices=BASES, widget=forms.RadioSelect, error_messages={"required": _("Choose the ground.")})
    basis_ground = GroundField(label=_("Provision of law"))
    basis_statute = forms.CharField(label=_("In words, when the provision is not in the list"), max_length=200, help_text=_("Only for a provision of law: statute and section. Your organisation states it; the portal fills in none."), error_messages={"required": _("Name the statute and section on which the disclosure rests.")})
    consented_on = DayField(label=_("Consent given on"), help_text=_("Only for a consent. For example 3.2.2027."), error_messages={"required": _("Write the day on which the client gave the consent.")})
    decided_by = forms.CharField(label=_("Who decided about the transfer"), required=False, max_length=200, help_text=_("Needed for a transfer to a body that is no employment authority, and only then. For example the name and the office of the one who decided."))
    decided_on = DayField(label=_("Day of the decision"), required=False, help_text=_("Needed with the one who decided. For example 3.2.2027."))
    decided_by.needed_when = decided_on.needed_when = "to"
    # Ticked on the second page, where it is said what a transfer takes from the sender.
    understood = forms.BooleanField(label=_("I know this, and the process is to be transferred."), required=False)
    reason = text_field(label=_("Reason"), rows=4, max_length=1000, help_text=_("Why this receiver, and what is hoped for. The receiver reads this."), error_messages={"required": _("Write the reason.")})
    due_on = DayField(label=_("Answer by"), error_messages={"required": _("Write the day by which you need the answer.")})
    # Of the text that the preview showed; it travels with the form.
    consent_version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=LARGEST_VERSION)
    token = token_field()

    def __init__(self, *args, receivers: Receivers, acting: Membership, **kwargs) -> None:
        kwargs["initial"] = {"due_on": timezone.localdate() + ANSWER_WITHIN} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.receivers = receivers
        self.fields["basis_ground"].offer(grounds_to_choose(processing=False, keep=kwargs["initial"].get("basis_ground")))
        self.fields["to"].choices = receiver_choices(receivers, acting)

    @property
    def shows_outside(self) -> bool:
        """Whether the fields of a body outside lie open."""
        return any(self[name].value() or self[name].errors for name in ("to_outside", "to_outside_email")) or self["to"].value() == OUTSIDE

    @property
    def shows_decision(self) -> bool:
        """Whether the fields of a decision lie open."""
        return any(self[name].value() or self[name].errors for name in DECISION if name in self.fields)

    @property
    def chosen_kind(self) -> str:
        return self.cleaned_data.get("kind") or ""

    @property
    def is_transfer(self) -> bool:
        return self.chosen_kind == HandoffKind.TRANSFER

    @property
    def is_outside(self) -> bool:
        return (self.cleaned_data.get("to") or "") == OUTSIDE

    @property
    def organisation(self) -> Organisation | None:
        kind, _colon, pk = (self.cleaned_data.get("to") or "").partition(":")
        if kind == "person" and (person := self.receivers.person(int(pk))):
            return person.organisation
        return self.receivers.organisation(int(pk)) if kind == "organisation" else None

    @property
    def person(self) -> Membership | None:
        kind, _colon, pk = (self.cleaned_data.get("to") or "").partition(":")
        return self.receivers.person(int(pk)) if kind == "person" else None

    def clean(self) -> dict:
        data = super().clean()
        if data.get("to_outside") and not self["to"].data:
            # Whoever writes the name of a body outside has chosen it.
            self._forget("to")
            data["to"] = OUTSIDE
        if not self.is_outside:
            if data.get("to_outside") and data.get("to"):
                self.add_error("to", _("You wrote the name of a body outside: choose it here too, or empty the name."))
            self._forget("to_outside", "to_outside_email")
        if data.get("basis") != DisclosureBasis.STATUTE:
            self._forget("basis_statute", "basis_ground")
        elif data.get("basis_ground"):
            self._forget("basis_statute")
        if data.get("basis") != DisclosureBasis.CONSENT:
            self._forget("consented_on")
        self._check_decision()
        if data.get("consented_on") and data["consented_on"] > timezone.localdate():
            self.add_error("consented_on", _("This day is still to come."))
        if data.get("due_on") and data["due_on"] < timezone.localdate():
            self.add_error("due_on", _("This day is in the past."))
        return data

    def _check_decision(self) -> None:
        data = self.cleaned_data
        if not self.is_transfer:
            self._forget(*DECISION)
            return
        if data.get("decided_on") and data["decided_on"] > timezone.localdate():
            self.add_error("decided_on", _("This day is still to come."))
        if needs_decision(self.chosen_kind, self.organisation):
            if not data.get("decided_by"):
                self.add_error("decided_by", _("This receiver is no employment authority. Write who decided about the transfer."))
            if not data.get("decided_on") and "decided_on" not in self.errors:
                self.add_error("decided_on", _("Write the day of the decision."))

    def _forget(self, *names: str) -> None:
        """Fields that what was chosen does not need: what is wrong in them does not matter."""
        for name in names:
            self.errors.pop(name, None)
            self.cleaned_data[name] = None

    def receiver(self) -> dict:
        if self.is_outside:
            return {"to_outside": self.cleaned_data["to_outside"], "to_outside_email": self.cleaned_data["to_outside_email"]}
        return {"to_organisation": self.organisation, "to_person": self.person}

    def ground(self) -> dict:
        """What belongs to another ground than the chosen one is left out."""
        data = self.cleaned_data
        return {
            "basis": data["basis"],
            "basis_ground": data["basis_ground"],
            "basis_statute": data["basis_statute"] or "",
            "consented_on": data["consented_on"],
            "consent_version": data.get("consent_version"),
            "decided_by": data.get("decided_by") or "",
            "decided_on": data.get("decided_on"),
        }


class HandoffForm(ReceiverForm):
    kind = forms.ChoiceField(label=_("What kind"), choices=[*DAILY_KINDS, *RARE_KINDS], initial=HandoffKind.REFERRAL, widget=forms.RadioSelect, error_messages={"required": _("Choose the kind.")})
    sections = forms.MultipleChoiceField(
        label=_("What is passed on"), choices=[(section.value, capfirst_lazy(section.label)) for section in Section], widget=forms.CheckboxSelectMultiple, initial=FIRST_SECTIONS, help_text=_("Choose only what the receiver needs in order to answer. The rest opens when the receiver has accepted. A body outside sees none of this."),
        error_messages={"required": _("Choose at least one part, so that the receiver knows what is asked.")},
    )
    field_order = ["to", "to_outside", "to_outside_email", "kind", *DECISION, "basis", "basis_ground", "basis_statute", "consented_on", "sections", "reason", "due_on", "consent_version", "token"]

    def __init__(self, *args, owns_process: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not owns_process:
            self.fields["kind"].choices = DAILY_KINDS
            for name in (*DECISION, "understood"):
                del self.fields[name]

    def clean(self) -> dict:
        data = super().clean()
        if self.is_outside:
            data["sections"] = []
            self.errors.pop("sections", None)
            if data.get("kind") not in (None, HandoffKind.REFERRAL):
                self.add_error("kind", _("A body outside the portal can only be given a referral: responsibility stays with you."))
        if data.get("kind") == HandoffKind.ASSIGNMENT and data.get("to") and self.person is None:
            self.add_error("to", _("An assignment names the person."))
        return data


class AgainForm(ReceiverForm):
    """Kind and sections stay as they were."""

    field_order = ["to", "to_outside", "to_outside_email", *DECISION, "basis", "basis_ground", "basis_statute", "consented_on", "reason", "due_on", "consent_version", "token"]

    def __init__(self, *args, kind: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._kind = kind
        if kind != HandoffKind.TRANSFER:
            for name in (*DECISION, "understood"):
                del self.fields[name]

    @property
    def chosen_kind(self) -> str:
        return self._kind

    def clean(self) -> dict:
        data = super().clean()
        if self.is_outside and self._kind != HandoffKind.REFERRAL:
            self.add_error("to", _("A body outside the portal can only be given a referral: responsibility stays with you."))
        return data


def receiver_choices(receivers: Receivers, acting: Membership) -> list:
    """Organisations with their counsellors; in the own one only colleagues, for a client is not handed to oneself."""
    choices: list = [("", _("Choose"))]
    # Others first: a client is handed out of the house far more often than inside it.
    for organisation, all_people in sorted(receivers.people.items(), key=lambda one: one[0].pk == acting.organisation_id):
        own = organisation.pk == acting.organisation_id
        # Whoever works for two organisations hands no client from one hand to the other.
        people = sorted((person for person in all_people if person.user_id != acting.user_id), key=lambda person: natural_key(person.user.name))
        group = [] if own or not people else [(f"organisation:{organisation.pk}", _("%(organisation)s, whoever answers first") % {"organisation": organisation.name})]
        group += [(f"person:{person.pk}", _("%(person)s, %(organisation)s") % {"person": person.user.name, "organisation": organisation.name}) for person in people]
        if group:
            choices.append((organisation.name, group))
    return [*choices, (_("Outside the portal"), [(OUTSIDE, _("A body that does not use the portal"))])]
