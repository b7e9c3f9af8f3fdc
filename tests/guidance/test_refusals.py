"""Whoever is turned away from a client leaves a row in the read log, whatever turned them away; and nothing shown goes without one."""
from uuid import uuid4

from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guidance.forms.moments import written_moment
from guidance.models import Event
from pilots.choices import Role
from tests.guidance.factories import days_from_now, make_counsellor, make_handoff, make_partnership, make_pathway
from tests.guidance.web import logged, sign_in


def url(name: str, pathway) -> str:
    return reverse(f"guidance:{name}", args=[pathway.pseudonym])


def test_refusal_of_a_role_that_sees_no_client_is_logged(made, pathway):
    officer = sign_in(make_counsellor(made.city, Role.EDUCATION_OFFICER))

    answers = [officer.get(url("pathway_detail", pathway)).status_code, officer.get(reverse("guidance:client_list")).status_code]

    assert answers == [403, 403]
    assert logged() == [("refusal", "guidance:pathway_detail", [pathway.pseudonym]), ("refusal", "guidance:client_list", [])]


def test_refusal_for_want_of_a_second_factor_is_logged(made, pathway):
    client = Client()
    client.force_login(made.anna.user)

    without = client.get(url("pathway_detail", pathway)).status_code
    Authenticator.objects.create(user=made.anna.user, type=Authenticator.Type.TOTP, data={})
    unused = client.get(url("pathway_detail", pathway)).status_code

    assert (without, unused) == (403, 302)
    assert logged() == [("refusal", "guidance:pathway_detail", [pathway.pseudonym])] * 2


def test_refusal_of_an_act_on_a_client_that_is_seen_is_logged(made, pathway):
    """The page has shown the client to itself before it refuses; its transaction goes, the refusal stays."""
    handoff = make_handoff(made, pathway)

    assert sign_in(made.anna).post(reverse("guidance:handoff_accept", args=[handoff.pk])).status_code == 403
    assert logged() == [("refusal", "guidance:handoff_accept", [pathway.pseudonym])]


def test_refusal_of_a_foreign_file_to_merge_with_is_logged(made, pathway):
    foreign = make_pathway(make_partnership())

    answer = sign_in(made.anna).post(url("client_merge", pathway), {"other": foreign.pseudonym})

    assert answer.status_code == 422
    assert ("refusal", "guidance:client_merge", [foreign.pseudonym]) in logged()


def test_likely_client_that_is_shown_beside_another_error_is_logged(made, pathway):
    client = pathway.client
    born = timezone.localdate().replace(year=timezone.localdate().year - 16, day=1)
    type(client).objects.filter(pk=client.pk).update(birth_date=born)
    fields = {
        "partnership": made.partnership.pk, "family_name": client.family_name, "given_names": client.given_names, "birth_date": born.strftime("%d.%m.%Y"),
        "service_language": "fi", "first_step": "Soitto", "first_due_on": days_from_now(3).strftime("%d.%m.%Y"), "is_another": "on", "others": pathway.pseudonym, "token": str(uuid4()),
    }

    answer = sign_in(made.anna).post(reverse("guidance:client_add"), fields)

    assert answer.status_code == 422
    assert pathway.pseudonym in answer.content.decode()
    assert logged() == [("search", "guidance:client_add", [pathway.pseudonym])]


def test_form_opened_for_another_organisation_stores_nothing(made, pathway):
    now = written_moment(timezone.now())
    fields = {"token": str(uuid4()), "kind": "call", "text": "Puhelu", "at": now, "at_shown": now, "visibility": "own"}
    anna = sign_in(made.anna)
    before = Event.objects.count()

    assert f'name="acting_as" value="{made.anna.pk}"' in anna.get(url("pathway_log", pathway)).content.decode()
    assert anna.post(url("pathway_log", pathway), fields | {"acting_as": made.anna.pk + 1}).status_code == 409
    assert Event.objects.count() == before
    assert anna.post(url("pathway_log", pathway), fields | {"acting_as": made.anna.pk}).status_code == 302
    assert Event.objects.count() == before + 1
