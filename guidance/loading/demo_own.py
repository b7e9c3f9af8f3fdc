"""Two of the demo's clients with an account, who have written on their own page; one has an answer already, the other says that nobody has called."""
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import make_password

from accounts.models import User
from guidance.actions.own_entries import answer_entry, write_entry
from guidance.choices import EntryKind
from guidance.loading.demo_people import one_time_secret
from guidance.models import ClientAccount, ClientEntry, Partnership, Pathway
from pilots.loading.demo_people import PASSWORD

ADDRESSES = ("asiakas-1@example.org", "asiakas-2@example.org")
COUNSELLOR = "ohjaaja-kuopio@example.org"
GOAL = "Haluan lähihoitajaksi. Toivon, että voin tehdä töitä opintojen ohella."
QUESTION = "Voinko saada tukea koulumatkoihin?"
ANSWER = "Kyllä. Koulumatkatukea haetaan Kelasta. Täytetään hakemus yhdessä, kun tapaamme."


def make_own_pages(partnership: Partnership, *, now: datetime) -> None:
    """Of the counsellor who signs in to the demo; those who are there stay as they are."""
    pathways = Pathway.objects.open().filter(partnership=partnership, process_person__user__email=COUNSELLOR, client__is_protected=False, client__account=None).order_by("opened_at", "pk")
    missing = [email for email in ADDRESSES if not ClientAccount.objects.filter(user__email=email).exists()]
    for email, pathway in zip(missing, pathways[: len(missing)], strict=False):
        account = _account(email, pathway, now)
        if email == ADDRESSES[0]:
            _write_as_first(account, pathway, now)
        else:
            write_entry(account=account, pathway=pathway, kind=EntryKind.NOT_CONTACTED, text="", now=now)


def _account(email: str, pathway: Pathway, now: datetime) -> ClientAccount:
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create(email=email, language="fi", password=make_password(PASSWORD), is_demo=True, date_joined=now)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        TOTP.activate(user, one_time_secret(email))
    return ClientAccount.objects.create(client_id=pathway.client_id, user=user, joined_at=now)


def _write_as_first(account: ClientAccount, pathway: Pathway, now: datetime) -> None:
    write_entry(account=account, pathway=pathway, kind=EntryKind.GOAL, text=GOAL, now=now - timedelta(minutes=50))
    asked = write_entry(account=account, pathway=pathway, kind=EntryKind.QUESTION, text=QUESTION, now=now - timedelta(minutes=40))
    answer_entry(by=pathway.process_person, entry=asked, text=ANSWER, now=now - timedelta(minutes=20))


def own_pages() -> list[str]:
    """The addresses of the demo's clients who have one."""
    return list(ClientEntry.objects.filter(account__user__is_demo=True).order_by("account__user__email").values_list("account__user__email", flat=True).distinct())
