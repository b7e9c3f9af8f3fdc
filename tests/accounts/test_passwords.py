import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import translation


@pytest.mark.django_db
@pytest.mark.parametrize(("prefix", "sentence"), [("", "Salasana on liian lyhyt. Kirjoita vähintään 12 merkkiä."), ("/sv", "12 tecken")])
def test_passwords_refusal_speaks_the_language(client, prefix, sentence):
    response = client.post(f"{prefix}/account/signup/", {"name": "Demo", "email": "demo.uusi@example.org", "password1": "lyhyt"})

    assert sentence in response.content.decode()


def test_passwords_refusal_tells_the_length():
    with translation.override("en"), pytest.raises(ValidationError, match="at least 12 characters"):
        validate_password("x" * 11)

    validate_password("kolme sanaa yhdessä")


@pytest.mark.parametrize("password", ["kopa-kopa-kopa-2026", "Kuntaliitto2026!", "koulutus palveluna", "aaaaaaaaaaaaaaaaa", "salasana salasana 1999"])
def test_passwords_of_this_portals_own_words_are_refused(password):
    with pytest.raises(ValidationError) as refused:
        validate_password(password)

    assert {error.code for error in refused.value.error_list} == {"password_too_common"}


def test_passwords_may_hold_own_words_beside_others():
    validate_password("kopa ja sininen hevonen")
