"""Keys of second factors are not readable in the database, and survive a change of the portal's secret."""
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from cryptography.fernet import InvalidToken


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_key_is_encrypted_in_the_database_and_opens(person):
    secret = generate_totp_secret()

    TOTP.activate(person, secret)

    row = Authenticator.objects.get(user=person)
    assert secret not in str(row.data)
    assert row.wrap().validate_code(code_of(secret))


def test_recovery_codes_are_not_stored_in_clear(person):
    codes = RecoveryCodes.activate(person)

    shown = codes.get_unused_codes()

    stored = str(Authenticator.objects.get(user=person).data)
    assert shown
    assert not any(code in stored for code in shown)


def test_key_is_read_after_a_change_of_the_secret(person, settings):
    secret = generate_totp_secret()
    TOTP.activate(person, secret)

    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-secret-of-the-portal-0123456789"

    assert Authenticator.objects.get(user=person).wrap().validate_code(code_of(secret))


def test_key_cannot_be_read_without_the_secret(person, settings):
    TOTP.activate(person, generate_totp_secret())

    settings.SECRET_KEY = "another-secret-of-the-portal-0123456789"

    with pytest.raises(InvalidToken):
        Authenticator.objects.get(user=person).wrap().validate_code("000000")
