"""The forms of signing in, in our words, and of what people say of themselves."""
import struct
from collections.abc import Iterable

from allauth.account import forms as sign_in
from allauth.mfa.base import forms as second_factor
from allauth.mfa.totp.forms import ActivateTOTPForm as BaseActivateTOTPForm
from allauth.mfa.webauthn import forms as passkeys
from django import forms
from django.contrib.auth.hashers import make_password
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from accounts import wording
from accounts.actions.users import one_line
from accounts.models import User, Way
from accounts.queries import KindChoice

EMAIL_LENGTH = User._meta.get_field("email").max_length


class OurWords:
    """Label above, hint below it, nothing inside the field; for all forms that allauth brings."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in wording.REQUIRED:
                field.error_messages["required"] = wording.REQUIRED[name]
            if isinstance(field, forms.EmailField):
                field.error_messages["invalid"] = wording.INVALID_EMAIL
                # Django's form field takes more than the column holds.
                field.validators.append(MaxLengthValidator(EMAIL_LENGTH, wording.INVALID_EMAIL))
            if name in wording.LABELS:
                field.label = wording.LABELS[name]
            if name in wording.HINTS:
                field.help_text = wording.HINTS[name]


class LoginForm(OurWords, sign_in.LoginForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class SignupForm(OurWords, sign_in.SignupForm):
    name = forms.CharField(max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))

    field_order = ["name", "email", "password1"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Your name")
        self.fields["name"].error_messages["required"] = _("Write your name.")
        self.fields["name"].help_text = _("As your colleagues know you.")
        self.fields["password1"].label = wording.LABELS["password"]

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def try_save(self, request):
        if self.account_already_exists:
            # As long as a new account takes: the time of the answer must not tell that the address is known.
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)

    def custom_signup(self, request, user) -> None:
        user.name = self.cleaned_data["name"]
        user.language = request.LANGUAGE_CODE[:2]
        user.save(update_fields=["name", "language"])


class AddEmailForm(OurWords, sign_in.AddEmailForm):
    pass


class ChangePasswordForm(OurWords, sign_in.ChangePasswordForm):
    pass


class SetPasswordForm(OurWords, sign_in.SetPasswordForm):
    pass


class ResetPasswordForm(OurWords, sign_in.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(OurWords, sign_in.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(OurWords, sign_in.ReauthenticateForm):
    pass


class AuthenticateForm(OurWords, second_factor.AuthenticateForm):
    pass


class ReauthenticateByCodeForm(OurWords, second_factor.ReauthenticateForm):
    pass


class ActivateTOTPForm(OurWords, BaseActivateTOTPForm):
    pass


# What the readers of a browser's answer raise when somebody made the answer up.
MALFORMED = (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError, struct.error)


class MadeUpAnswer:
    """A credential that no browser wrote is an error of the form, not of the server."""

    def clean_credential(self):
        inherited = getattr(super(), "clean_credential", lambda: self.cleaned_data["credential"])
        try:
            return inherited()
        except MALFORMED as error:
            raise forms.ValidationError(wording.NO_PASSKEY) from error

    def clean(self):
        try:
            return super().clean()
        except MALFORMED as error:
            raise forms.ValidationError(wording.NO_PASSKEY) from error


class LoginByPasskeyForm(MadeUpAnswer, OurWords, passkeys.LoginWebAuthnForm):
    pass


class AuthenticateByPasskeyForm(MadeUpAnswer, OurWords, passkeys.AuthenticateWebAuthnForm):
    pass


class ReauthenticateByPasskeyForm(MadeUpAnswer, OurWords, passkeys.ReauthenticateWebAuthnForm):
    pass


class AddPasskeyForm(MadeUpAnswer, OurWords, passkeys.AddWebAuthnForm):
    name = forms.CharField(required=False, max_length=100, help_text=_("For you to tell your passkeys apart, for instance “work laptop”."))
    field_order = ["name", "passwordless"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True


class EditPasskeyForm(OurWords, passkeys.EditWebAuthnForm):
    name = forms.CharField(max_length=100)


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name", "language"]
        widgets = {"language": forms.RadioSelect, "name": forms.TextInput(attrs={"autocomplete": "name"})}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["name"].label = _("Your name")
        self.fields["name"].error_messages["required"] = _("Write your name.")
        self.fields["name"].help_text = _("Your colleagues and the administrators of your organisations see it.")

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])


class NotificationChoicesForm(forms.Form):
    """For each kind how it comes by mail, and whether it is listed in the portal."""

    def __init__(self, *args, rows: Iterable[KindChoice], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.codes = [row.kind.code for row in rows]
        for row in rows:
            self.fields[f"mail-{row.kind.code}"] = forms.ChoiceField(label=_("By mail"), choices=Way.choices, initial=row.mail)
            self.fields[f"portal-{row.kind.code}"] = forms.BooleanField(label=_("In the portal"), required=False, initial=row.in_portal)
        self.titles = {row.kind.code: row.kind.title for row in rows}

    def kinds(self) -> list[dict]:
        return [{"title": self.titles[code], "mail": self[f"mail-{code}"], "portal": self[f"portal-{code}"]} for code in self.codes]

    def choices(self) -> dict[str, tuple[str, bool]]:
        return {code: (self.cleaned_data[f"mail-{code}"], self.cleaned_data[f"portal-{code}"]) for code in self.codes}
