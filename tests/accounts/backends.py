"""Mail servers that misbehave in one way each (settings.EMAIL_BACKEND)."""
import smtplib

from django.core.mail.backends.locmem import EmailBackend


class Refusing(EmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPServerDisconnected("gone")


class KilledAfterSending(EmailBackend):
    """The server has the mail, and then this process is no more."""

    def send_messages(self, messages):
        super().send_messages(messages)
        raise KeyboardInterrupt


class RefusingOne(EmailBackend):
    """Cannot write the mail to broken@example.org; takes every other."""

    def send_messages(self, messages):
        if messages[0].to == ["broken@example.org"]:
            raise ValueError("cannot be encoded")
        return super().send_messages(messages)


def _raising(error: Exception) -> type[EmailBackend]:
    class Backend(EmailBackend):
        def send_messages(self, messages):
            raise error

    return Backend


Refusing550 = _raising(smtplib.SMTPRecipientsRefused({"demo@example.org": (550, b"5.1.1 no such mailbox")}))
Refusing450 = _raising(smtplib.SMTPRecipientsRefused({"demo@example.org": (450, b"4.2.0 come again")}))
RefusingSender = _raising(smtplib.SMTPSenderRefused(550, b"5.7.1 not you", "no-reply@localhost"))
RefusingText = _raising(smtplib.SMTPDataError(554, b"5.6.0 not this"))
