import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import translation


@pytest.mark.parametrize("password", ["lyhyt", "password1234"])
@pytest.mark.parametrize("language", ["fi", "sv"])
def test_passwords_refusal_speaks_the_language(language, password):
    def refusal(code):
        with translation.override(code), pytest.raises(ValidationError) as refused:
            validate_password(password)
        return refused.value.messages

    assert refusal(language) != refusal("en")


def test_passwords_refusal_tells_the_length():
    with translation.override("en"), pytest.raises(ValidationError, match="at least 12 characters"):
        validate_password("x" * 11)

    validate_password("kolme sanaa yhdessä")
