from django import forms
from django.utils.translation import gettext_lazy as _


class SignupForm(forms.Form):
    """What allauth's sign-up asks beside the address and the password."""

    name = forms.CharField(label=_("Your name"), max_length=150, help_text=_("As your colleagues know you."))

    field_order = ["name", "email", "password1"]

    def signup(self, request, user) -> None:
        user.name = self.cleaned_data["name"].strip()
        user.language = request.LANGUAGE_CODE[:2]
        user.save(update_fields=["name", "language"])
