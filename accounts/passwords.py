"""The rule of a password's length, in our words: Django's own sentence has no Finnish."""
from django.contrib.auth import password_validation
from django.utils.translation import ngettext


class MinimumLengthValidator(password_validation.MinimumLengthValidator):
    def get_error_message(self) -> str:
        words = ngettext("The password is too short. Write at least %(count)d character.", "The password is too short. Write at least %(count)d characters.", self.min_length)
        return words % {"count": self.min_length}
