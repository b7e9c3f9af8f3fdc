"""A client shares a link with an employer and sees it opened, and withdraws a consent and sees who still may read and why; the counsellors' side. By keyboard, at 320 px, in Finnish and Swedish."""
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from guidance.choices import DisclosureBasis
from guidance.models import ShareLink
from tests.guidance.factories import accept, days_from_now, make_handoff, make_pathway, new_client
from tests.guidance.own import make_account, sign_in_client
from tests.journeys.test_own_page import Person, made, worker  # noqa: F401

pytestmark = pytest.mark.once
GOAL, LABEL = "Tavoitemerkki", "Keksitylle työnantajalle"


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_client_shares_a_link_and_withdraws_a_consent(made, worker, new_context, live_server, language):  # noqa: F811
    pathway = make_pathway(made, client=new_client(service_language=language), goal=GOAL)
    accept(make_handoff(made, pathway, basis=DisclosureBasis.CONSENT, basis_statute="", consented_on=days_from_now(0)), made.ossi)
    account = make_account(pathway.client)
    context = new_context()
    cookie = sign_in_client(account).cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": f"https://{urlsplit(live_server.url).hostname}/", "secure": True, "httpOnly": True, "sameSite": "Lax"}])
    client, employer = Person(context.new_page(), language), Person(new_context().new_page(), language)
    college = worker(made.ossi, language)

    shares(client, employer)
    college.open(college.address("guidance:pathway_detail", pathway.pseudonym))
    withdraws(client, made)
    college.page.reload()
    assert pathway.pseudonym not in college.page.locator("main").inner_text()
    owner = worker(made.anna, language)
    owner.open(owner.address("guidance:pathway_grounds", pathway.pseudonym))
    assert owner.page.locator("#consents ~ ul li").count() == 1


def shares(client: Person, employer: Person) -> None:
    client.open(client.address("own:path"))
    client.follow("own:share_list")
    client.follow("own:share_add")
    client.write(label=LABEL)
    client.keys.go_to(client.page.locator("main input[name=sections][value=goal]"))
    client.page.keyboard.press("Space")
    client.send()
    assert (GOAL in client.page.locator("main").inner_text(), ShareLink.objects.exists()) == (True, False)
    client.send()
    link = urlsplit(client.page.locator("#address").input_value()).path

    employer.open(link)
    assert GOAL not in employer.page.content()
    employer.send()
    assert GOAL in employer.page.locator("main").inner_text()

    client.open(client.address("own:share_list"))
    found = ShareLink.objects.get()
    assert (LABEL in client.page.locator(f"#link-{found.pk}").inner_text(), client.page.locator(f"#link-{found.pk} li").count()) == (True, 1)
    client.keys.follow(client.page.locator(f"#link-{found.pk} form button"))
    employer.open(link)
    assert GOAL not in employer.page.content()
    assert employer.page.locator("main form").count() == 0


def withdraws(client: Person, made) -> None:  # noqa: F811
    client.open(client.address("own:path"))
    client.follow("own:access_list")
    client.follow("own:consent_withdraw", made.college.pk)
    client.send()
    said = client.page.locator("main ul.rows").inner_text()
    assert (made.city.name in said, made.college.name in said) == (True, False)
    client.follow("own:reading_list")
    assert made.college.name in client.page.locator("main .list-results").inner_text()
