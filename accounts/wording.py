"""What the sign-in pages say, in our words: allauth's own sentences by their codes and template names."""
from django.utils.translation import gettext_lazy as _

LABELS = {
    "login": _("E-mail address"),
    "email": _("E-mail address"),
    "password": _("Password"),
    "oldpassword": _("Present password"),
    "password1": _("New password"),
    "password2": _("New password again"),
    "code": _("Code"),
    "name": _("Name of the passkey"),
    "passwordless": _("Sign in with this passkey alone"),
}
HINTS = {
    "password": "",
    "oldpassword": "",
    "password1": _("At least 12 characters. Several words in a row are easy to remember and hard to guess."),
    "passwordless": _("Without the password: your device asks for your fingerprint, face or PIN instead."),
}
NO_PASSKEY = _("The passkey was not used. Try again, or choose another way.")
REQUIRED = {
    "login": _("Write your e-mail address."),
    "email": _("Write the e-mail address."),
    "password": _("Write your password."),
    "oldpassword": _("Write your present password."),
    "password1": _("Write a password."),
    "password2": _("Write the password again."),
    "code": _("Write the code."),
    "credential": NO_PASSKEY,
    "name": _("Write a name."),
}
INVALID_EMAIL = _("Write the address in the form name@example.fi.")
SIGN_IN_ERRORS = {
    "account_inactive": _("This account is closed. Ask the administrator of your organisation."),
    "cannot_remove_primary_email": _("This is your main address. Make another address the main one first."),
    "duplicate_email": _("You have this address already."),
    "email_password_mismatch": _("The e-mail address or the password is wrong. Check both, or ask for a new password."),
    "email_taken": _("Somebody has this address already. Write another address."),
    "enter_current_password": _("This is not your present password. Write it again."),
    "incorrect_code": _("The code is wrong or no longer valid. Write the code that you see now."),
    "incorrect_password": _("The password is wrong. Write it again."),
    "invalid_or_expired_key": _("The link no longer works. Ask for a new one."),
    "invalid_login": _("Write your e-mail address."),
    "invalid_password_reset": _("The link no longer works. Ask for a new one."),
    "max_email_addresses": _("You can have %d addresses. Remove one first."),
    "too_many_login_attempts": _("There have been too many attempts with this address. Wait five minutes and try again. With a new password or a passkey you can sign in at once."),
    "unverified_primary_email": _("Confirm the address first: open the link that we sent to it."),
    "same_as_current": _("This is what you have now. Write another one."),
    "rate_limited": _("There have been too many attempts. Wait a few minutes and try again."),
}
SECOND_FACTOR_ERRORS = {
    "add_email_blocked": _("Turn the second step off before you add an address."),
    "cannot_delete_authenticator": _("This way of signing in cannot be removed."),
    "cannot_generate_recovery_codes": _("Add an authenticator app or a passkey first."),
    "incorrect_code": SIGN_IN_ERRORS["incorrect_code"],
    "unverified_email": _("Confirm all your e-mail addresses, or remove those that are not confirmed, and try again."),
}
# Shown after an action; what is missing here (a plain sign-in, for instance) needs no words.
MESSAGES = {
    "account/messages/cannot_delete_primary_email.txt": SIGN_IN_ERRORS["cannot_remove_primary_email"],
    "account/messages/email_confirmation_failed.txt": _("The address could not be confirmed, for it belongs to another account."),
    "account/messages/email_confirmation_sent.txt": _("We have sent a mail to %(email)s. Open the link in it to confirm the address."),
    "account/messages/email_confirmed.txt": _("The address %(email)s is confirmed."),
    "account/messages/email_deleted.txt": _("The address %(email)s is removed."),
    "account/messages/logged_out.txt": _("You have signed out."),
    "account/messages/password_changed.txt": _("Your password is changed. Other devices have been signed out."),
    "account/messages/password_set.txt": _("Your password is set."),
    "account/messages/primary_email_set.txt": _("Your main address is changed. Sign in with it from now on."),
    "account/messages/unverified_primary_email.txt": SIGN_IN_ERRORS["unverified_primary_email"],
    "mfa/messages/recovery_codes_generated.txt": _("You have new recovery codes. Keep them somewhere safe; the old ones no longer work."),
    "mfa/messages/totp_activated.txt": _("The authenticator app is in use. From now on, signing in asks for its code."),
    "mfa/messages/totp_deactivated.txt": _("The authenticator app is no longer in use."),
    "mfa/messages/webauthn_added.txt": _("The passkey is added."),
    "mfa/messages/webauthn_removed.txt": _("The passkey is removed."),
}
# Mails that tell of a change to the account, by allauth's name of the mail.
NOTICES = {
    "email_changed": _("The main e-mail address of your account was changed."),
    "email_confirm": _("An e-mail address of your account was confirmed."),
    "email_deleted": _("An e-mail address was removed from your account."),
    "identity_linked": _("A sign-in service was linked to your account: you can sign in with it."),
    "identity_unlinked": _("The link between your account and a sign-in service was removed."),
    "password_changed": _("The password of your account was changed."),
    "password_reset": _("The password of your account was changed through a link sent by e-mail."),
    "password_set": _("A password was set for your account."),
    "recovery_codes_generated": _("New recovery codes were made for your account; the old ones no longer work."),
    "totp_activated": _("An authenticator app was added to your account."),
    "totp_deactivated": _("The authenticator app was removed from your account."),
    "webauthn_added": _("A passkey was added to your account."),
    "webauthn_removed": _("A passkey was removed from your account."),
}
