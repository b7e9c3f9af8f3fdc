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
