"""New people, and what they say of themselves."""
from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from accounts.models import User


def one_line(text: str) -> str:
    """A name as it is stored: without line breaks and doubled spaces, for it is quoted in the subject of mails."""
    return " ".join(text.split())


@transaction.atomic
def create_verified_user(*, by: User | None, email: str, name: str, password: str | None, language: str) -> User:
    """A person whose address is known to be theirs, for the link that was sent to it was used. Without a password an identity service lets them in.

    Raises ValidationError for a weak password and for an address that somebody has already.
    """
    user = User(email=email, name=one_line(name), language=language)
    user.clean()
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise ValidationError({"password": error.messages}) from error
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    except IntegrityError as error:
        raise ValidationError(_("There is already an account with this address. Sign in with it, then open the link of the mail again.")) from error
    record_event(by=by or user, verb="user.created", target=user)
    return user


@transaction.atomic
def change_profile(*, by: User, name: str, language: str) -> None:
    """Change one's own name and the language of one's mails; nothing is written when both stay as they are."""
    user = User.objects.select_for_update().get(pk=by.pk)
    changed = [field for field, value in (("name", one_line(name)), ("language", language)) if getattr(user, field) != value]
    if not changed:
        return
    user.name, user.language = one_line(name), language
    user.full_clean(exclude=["password", "email"])
    user.save(update_fields=changed)
    record_event(by=by, verb="user.profile_changed", target=user, detail={"fields": changed})
