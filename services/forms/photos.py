"""The photo of a service."""
from django import forms
from django.utils.translation import gettext_lazy as _

from services.forms.offering import text
from services.models import ServicePhoto


class PhotoForm(forms.Form):
    """`seen` is the photo that the person looked at; a new file takes its place."""

    seen = forms.UUIDField(widget=forms.HiddenInput, required=False)
    photo = forms.FileField(
        label=_("Photo"), max_length=None, allow_empty_file=True, widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text=_("JPEG, PNG or WebP, at most 10 MB. Show the room or the tools, no people. Where and when it was taken is not kept."), error_messages={"required": _("Choose a photo.")},
    )  # fmt: skip
    alt_fi = text(_("What the photo shows, in Finnish"), language="fi", required=True, help_text=_("For those who do not see it, for example “Four planing benches by the windows”."), error_messages={"required": _("Say in words what the photo shows.")})
    alt_sv = text(_("What the photo shows, in Swedish"), language="sv")

    def __init__(self, *args, current: ServicePhoto | None, **kwargs) -> None:
        initial = {"seen": current.stored_as, "alt_fi": current.alt_fi, "alt_sv": current.alt_sv} if current else {}
        super().__init__(*args, initial=initial, **kwargs)
        if current:
            self.fields["photo"].required = False
            self.fields["photo"].label = _("Another photo instead")
