"""A comment, its hiding, and "this is wrong"."""
from django import forms
from django.utils.translation import gettext_lazy as _

from pilots.models.discussion import LONGEST_COMMENT, LONGEST_FAULT


class CommentForm(forms.Form):
    text = forms.CharField(
        label=_("Your comment"),
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("People who act for an organisation of the network read it, with your name and organisation. Do not write about anyone's private matters."),
    )


class HideForm(forms.Form):
    reason = forms.CharField(label=_("Why is it hidden?"), max_length=300, help_text=_("Shown in the place of the comment."))


class FaultForm(forms.Form):
    """`website` is a trap: no person sees it, and programs fill in every field."""

    text = forms.CharField(
        label=_("What is wrong?"),
        max_length=LONGEST_FAULT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("And how it should be, if you know. Do not write about anyone's private matters."),
    )
    email = forms.EmailField(label=_("Your e-mail address"), required=False, help_text=_("Only if you want an answer."))
    website = forms.CharField(label=_("Leave this empty"), required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))
