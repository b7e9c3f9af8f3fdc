"""The rule of a password's length, in our words: Django's own sentence has no Finnish."""
import re

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class MinimumLengthValidator(password_validation.MinimumLengthValidator):
    def get_error_message(self) -> str:
        words = ngettext("The password is too short. Write at least %(count)d character.", "The password is too short. Write at least %(count)d characters.", self.min_length)
        return words % {"count": self.min_length}


# What everybody would try first here: the portal, the network, who keeps it, and what it is about.
OWN_WORDS = ("kopa", "kuntaliitto", "kommunförbundet", "kommunforbundet", "koulutus", "palveluna", "opintopolku", "utbildning", "salasana", "lösenord", "losenord", "password", "ohjaaja")
LEAST_BESIDE = 8


class OwnWordsValidator:
    """A password needs something beside the words of this portal, repeated letters and years."""

    def validate(self, password: str, user=None) -> None:
        rest = password.lower()
        for word in OWN_WORDS:
            rest = rest.replace(word, "")
        if len(re.sub(r"(.)\1+|(19|20)\d\d|\W", r"\1", rest)) < LEAST_BESIDE:
            # Django's own words, which are there in all languages.
            raise ValidationError(_("This password is too common."), code="password_too_common")

    def get_help_text(self) -> str:
        return ""
