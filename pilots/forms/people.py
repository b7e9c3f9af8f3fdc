"""Forms of people: invite, accept, ask to join, decide, end, switch."""
from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.actions.users import one_line
from accounts.models.user import LANGUAGES
from accounts.wording import HINTS, INVALID_EMAIL
from pilots.choices import Role
from pilots.models import Invitation, JoinRequest, Membership, Organisation, PilotArea
from pilots.queries.roles import areas_of, assignable_areas, assignable_roles, rights_of, roles_at


class RoleForm(forms.Form):
    """A role out of those that can be had, and the area where the role is a coordinator's."""

    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect, error_messages={"required": _("Choose the role.")})
    area = forms.ModelChoiceField(
        queryset=PilotArea.objects.none(),
        required=False,
        label=_("Pilot area"),
        empty_label=_("No area"),
        help_text=_("Only for an area coordinator."),
    )

    def offer(self, roles: list[Role], areas) -> None:
        """A coordinator is offered only where there is an area to coordinate."""
        if not areas.exists():
            del self.fields["area"]
            roles = [role for role in roles if role != Role.AREA_COORDINATOR]
        else:
            self.fields["area"].queryset = areas
        self.fields["role"].choices = [(role.value, role_words(role)) for role in roles]

    def clean(self) -> dict:
        data = super().clean()
        data.setdefault("area", None)
        return data


def role_words(role: Role) -> SafeString:
    """The role to choose, and under it what it may do."""
    return format_html("{}{}", capfirst(role.label), format_html_join("", ' <span class="choice-hint">{}</span>', ([right] for right in rights_of(role))))


class InvitationForm(RoleForm):
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=Invitation._meta.get_field("email").max_length,
        help_text=_("The work address of the person; the invitation is sent to it and only its owner can use it."),
        error_messages={"required": _("Write the address of the person."), "invalid": INVALID_EMAIL},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    language = forms.ChoiceField(label=_("Language of the mail"), choices=LANGUAGES, initial="fi", widget=forms.RadioSelect)

    field_order = ["email", "role", "area", "language"]

    def __init__(self, *args, acting: Membership, organisation: Organisation, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.offer(assignable_roles(acting, organisation), assignable_areas(acting, organisation))


class NewPersonForm(forms.Form):
    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        help_text=_("As your colleagues know you."),
        error_messages={"required": _("Write your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1000,
        help_text=HINTS["password1"],
        error_messages={"required": _("Write a password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])


class JoinForm(RoleForm):
    message = forms.CharField(
        label=_("Message to the administrator"),
        required=False,
        max_length=JoinRequest._meta.get_field("message").max_length,
        help_text=_("For instance your task in the organisation."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args, organisation: Organisation, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.offer(roles_at(organisation), areas_of(organisation))


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=JoinRequest._meta.get_field("reason").max_length,
        help_text=_("It is sent to the person who asked."),
        error_messages={"required": _("Write the reason: it is sent to the person who asked.")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class EndForm(forms.Form):
    message = forms.CharField(
        label=_("Message to the person"),
        required=False,
        max_length=1000,
        help_text=_("It goes into the mail that tells of the end and is kept nowhere else."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class SwitchForm(forms.Form):
    membership = forms.TypedChoiceField(
        label=_("Act for"), coerce=int, widget=forms.RadioSelect, error_messages={"required": _("Choose for whom you act.")}
    )

    def __init__(self, *args, memberships: list[Membership], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["membership"].choices = [(membership.pk, membership_words(membership)) for membership in memberships]
        self.fields["membership"].error_messages["invalid_choice"] = _("This membership has ended. Choose another one.")


def membership_words(membership: Membership) -> str:
    """The organisation, the role and a coordinator's area, to choose by."""
    words = {"organisation": membership.organisation.name, "role": membership.get_role_display()}
    if membership.area is None:
        return _("%(organisation)s: %(role)s") % words
    return _("%(organisation)s: %(role)s, %(area)s") % (words | {"area": membership.area.name})
