"""What allauth is told to do our way: mail through the outbox, no query on the sign-in page."""
from allauth.account.adapter import DefaultAccountAdapter
from django.utils.translation import get_language

from accounts.actions.outbox import queue_text


class AccountAdapter(DefaultAccountAdapter):
    def send_mail(self, template_prefix, email, context) -> None:
        """Store allauth's own mails with the action too; they are written in the language of the page."""
        message = self.render_mail(template_prefix, email, context | self._mail_context())
        queue_text(
            kind=template_prefix.rpartition("/")[2],
            to_email=email,
            language=get_language() or "fi",
            subject=message.subject,
            body=message.body,
        )

    def _mail_context(self) -> dict:
        return {"request": self.request}
