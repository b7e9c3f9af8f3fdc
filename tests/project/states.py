"""Pages that the made world shows only after something has happened: an answer to a form, a conflict, a link that is over.

`Sent` is a page that answers a form: its own page is opened, `meanwhile` happens, then the form goes with `fields` in it.
"""
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from types import SimpleNamespace

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db.models import F, QuerySet
from django.forms import MultipleChoiceField
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from guidance.actions.clients import protect_client
from guidance.actions.handoffs import withdraw_handoff
from guidance.actions.imports import discard_list
from guidance.actions.own_account import give_way_back
from guidance.choices import DisclosureBasis, HandoffKind, IdentityCheck, OptionState, Section, SharedSection
from guidance.models import AppointmentLink, ClientInvitation, OutsideLink, Pathway, ShareLink
from guidance.models import Client as Identity
from guidance.queries.outside import link_token
from guidance.queries.sharing import digest_of
from pilots.acting import ACTING_FIELD
from pilots.choices import Role
from pilots.models import CooperationModel, Invitation, Obstacle, PilotArea, Proposal
from pilots.queries.invitations import invitation_token
from services.actions.lists import discard_list as discard_services_list
from services.actions.lists import upload_list
from services.queries.feeds import hashed
from services.queries.finding import alert_token
from tests.guidance.factories import accept, days_from_now, make_handoff, make_pathway, make_shared_pathway
from tests.guidance.lists import PEOPLE, csv_of, mapped
from tests.project.walk import Stop
from tests.project.world import VISITOR, World
from tests.services.factories import make_term_round, make_wish, proposed

_others = count(1)
# Keys of links, of which only the hash is kept.
INVITED, LINKED, SHARED = "kutsu", "linkki", "jaettu"
PUT_IN_AND_SEND = """fields => {
  const form = document.querySelector("main form[method=post]");
  for (const [name, value] of Object.entries(fields)) {
    form.querySelectorAll(`[name="${name}"]`).forEach(old => old.remove());
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    form.append(input);
  }
  form.submit();
}"""


SHARE = {"label": "Keksitylle työnantajalle", "sections": SharedSection.GOAL}
WEEKLY = {"first_day": "4.10.2027", "last_day": "18.10.2027", "starts": "14.00", "ends": "16.00", "purpose": "Keksitty kurssi"}


@dataclass(frozen=True)
class Sent(Stop):
    fields: dict
    meanwhile: Callable[[], object] = lambda: None


def open_in_browser(page, stop: Stop) -> None:
    page.goto(stop.path)
    if isinstance(stop, Sent):
        stop.meanwhile()
        with page.expect_navigation():
            page.evaluate(PUT_IN_AND_SEND, stop.fields)


def answer_of(client: Client, stop: Stop):
    response = client.get(stop.path)
    if not isinstance(stop, Sent):
        return response
    stop.meanwhile()
    form = response.context.get("form") or ()
    # As a browser sends it: of boxes of which none is ticked, nothing.
    empty = {field.html_name: [] if isinstance(field.field, MultipleChoiceField) else "" for field in form}
    return client.post(stop.path, empty | {field.html_name: field.value() for field in form if field.value() is not None} | stop.fields)


def make_states(world: World) -> None:
    """The rows that the states need: a hand-off that was accepted, one that was taken back, two to bodies outside, a list that
    was discarded in guidance and one in the services, a round that is given out, an invitation that has expired and one that was withdrawn."""
    own, by = world.own, world.memberships["counsellor"]
    made = SimpleNamespace(partnership=own.partnership, anna=by, ossi=own.receiver, college=own.partner)
    own.accepted = accept(make_handoff(made, make_shared_pathway(made), by=own.receiver, to=own.organisation), by)
    own.discarded = discard_list(by=by, batch=mapped(made, csv_of([PEOPLE[1]])))
    own.dropped = discard_services_list(by=own.own_handler, batch=upload_list(by=own.own_handler, kind="resources", name="tilat.csv", content=b"Nimi;Kapasiteetti\nKeksitty sali;30\n")[0])
    allotted = make_term_round(own.own_handler, own.service)
    own.allotted = make_wish(allotted, own.service, by=own.own_handler)
    proposed(allotted, own.own_handler)
    own.taken_back = withdraw_handoff(by=by, handoff=make_handoff(made, make_pathway(made)))
    own.outside, own.late = (make_handoff(made, make_pathway(made), to_outside="Keksitty paja", to_outside_email="paja@example.org") for _turn in range(2))
    own.alone, own.protected = make_pathway(made), make_pathway(made)
    protect_client(by=by, pathway=own.protected, contact_address="PL 1, keksitty postilokero")
    OutsideLink.objects.filter(handoff=own.late).update(expires_at=timezone.now())
    now, administrator = timezone.now(), world.people["administrator"]
    ClientInvitation.objects.create(client=own.accepted.pathway.client, email="kutsuttu@example.org", key_hash=hashed(INVITED), by=by, sent_at=now, expires_at=now + timedelta(days=14))
    AppointmentLink.objects.create(pathway=own.pathway, key_hash=hashed(LINKED), by=by, made_at=now, expires_at=now + timedelta(days=14))
    TOTP.activate(own.account.user, generate_totp_secret())
    own.way_back = give_way_back(by=by, pathway=own.pathway, check=IdentityCheck.DOCUMENT, language="fi").rstrip("/").rpartition("/")[2]
    ShareLink.objects.filter(pk=own.share.pk).update(key_digest=digest_of(SHARED))
    then = now - timedelta(days=30)
    invited = {"organisation": own.organisation, "role": Role.COUNSELLOR, "created_at": then, "created_by": administrator, "sent_at": then}
    own.expired = Invitation.objects.create(email="myohassa@example.org", nonce="e" * 32, expires_at=now - timedelta(days=16), **invited)
    own.withdrawn = Invitation.objects.create(email="peruttu@example.org", nonce="w" * 32, expires_at=now + timedelta(days=7), withdrawn_at=now, withdrawn_by=administrator, **invited)


def states(world: World, language: str) -> list[Stop]:
    own = world.own
    pseudonym = own.pathway.pseudonym
    handed = {
        "to": f"organisation:{own.partner.pk}", "kind": HandoffKind.REFERRAL, "basis": DisclosureBasis.STATUTE, "basis_statute": "keksitty säännös",
        "sections": Section.GOAL, "reason": "Keksitty syy", "due_on": days_from_now(7).isoformat(), "phase": "preview",
    }  # fmt: skip
    with translation.override(language):
        outside, late = (reverse("guidance:outside_answer", args=[link_token(handoff.link)]) for handoff in (own.outside, own.late))
        return [
            Stop("hand-off, another first contact", "counsellor", reverse("guidance:handoff_contact", args=[own.accepted.pk])),
            Stop("hand-off, met", "counsellor", reverse("guidance:handoff_met", args=[own.accepted.pk])),
            Stop("hand-off, again", "counsellor", reverse("guidance:handoff_again", args=[own.taken_back.pk])),
            Sent("hand-off, preview", "counsellor", reverse("guidance:handoff_send", args=[own.alone.pseudonym]), handed),
            Sent("hand-off, preview with a consent", "counsellor", reverse("guidance:handoff_send", args=[own.alone.pseudonym]), handed | {"basis": DisclosureBasis.CONSENT, "consented_on": days_from_now(0).isoformat()}),
            Sent("consent, its text", "counsellor", reverse("guidance:consent_add", args=[pseudonym]), {"organisation": own.partner.pk, "phase": "preview"}),
            Stop("client, non-disclosure ends", "counsellor", reverse("guidance:client_unprotect", args=[own.protected.pseudonym])),
            Stop("client, people named", "counsellor", reverse("guidance:client_named_people", args=[own.protected.pseudonym])),
            Stop("client list, discarded", "counsellor", reverse("guidance:import_review", args=[own.discarded.pk])),
            Stop("option, move", "counsellor", f"{reverse('guidance:option_move', args=[pseudonym, own.option.pk])}?target={OptionState.CHOSEN}"),
            Sent("form of another organisation", "counsellor", reverse("guidance:client_edit", args=[pseudonym]), {ACTING_FIELD: "0"}),
            Sent("client, conflict", "counsellor", reverse("guidance:client_edit", args=[pseudonym]), {"phone": "040 111"}, lambda: other_phone(own.pathway)),
            Sent("pathway, conflict", "counsellor", reverse("guidance:pathway_edit", args=[pseudonym]), {"goal": "Oma tavoite"}, lambda: other_text(Pathway.objects.filter(pk=own.pathway.pk), "goal")),
            Stop("link for a body outside", VISITOR, outside),
            Sent("link for a body outside, opened", VISITOR, outside, {"press": "open"}),
            Stop("link for a body outside, late", VISITOR, late),
            Stop("link for a body outside, none", VISITOR, reverse("guidance:outside_answer", args=["ei-ole"])),
            Stop("own page, its invitation", VISITOR, reverse("own:join", args=[INVITED])),
            Stop("own page, dead link", VISITOR, reverse("own:join", args=["ei-ole"])),
            Stop("next appointment, its link", VISITOR, reverse("own:appointment", args=[LINKED])),
            Sent("next appointment, its paper", "counsellor", reverse("guidance:own_link", args=[pseudonym]), {"way": "print"}),
            Sent("own page, way back on paper", "counsellor", reverse("guidance:own_way_back", args=[pseudonym]), {"check": IdentityCheck.DOCUMENT}),
            Stop("own page, way back", VISITOR, reverse("own:back", args=[own.way_back])),
            Sent("own link, what it will show", "client", reverse("own:share_add"), SHARE),
            Sent("own link, made", "client", reverse("own:share_add"), SHARE | {"phase": "make"}),
            Stop("shared link", VISITOR, reverse("guidance:share_open", args=[SHARED])),
            Sent("shared link, opened", VISITOR, reverse("guidance:share_open", args=[SHARED]), {}),
            Stop("shared link, none", VISITOR, reverse("guidance:share_open", args=["ei-ole"])),
            Stop("invitation, expired", VISITOR, reverse("pilots:invitation_accept", args=[invitation_token(own.expired)])),
            Stop("invitation, withdrawn", VISITOR, reverse("pilots:invitation_accept", args=[invitation_token(own.withdrawn)])),
            Stop("list of services, discarded", "coordinator", reverse("services:import_review", args=[own.dropped.pk])),
            Stop("wish, changed by hand", "coordinator", reverse("services:wish_adjust", args=[own.allotted.pk])),
            Stop("alert, its link", VISITOR, reverse("services:alert_stop", args=[alert_token(own.search)])),
            Sent("area, conflict", "coordinator", reverse("pilots:area_edit", args=[own.area.slug]), {"description_fi": "Oma teksti."}, lambda: other_text(PilotArea.objects.filter(pk=own.area.pk), "description_fi")),
            Sent("model, preview", "coordinator", reverse("pilots:model_edit", args=[own.model.pk]), {"body_fi": "# Näin\n\n- yksi", "preview": "1"}),
            Sent("model, conflict", "coordinator", reverse("pilots:model_edit", args=[own.model.pk]), {"body_fi": "Oma teksti."}, lambda: other_text(CooperationModel.objects.filter(pk=own.model.pk), "body_fi")),
            Sent("obstacle, preview", "coordinator", reverse("pilots:obstacle_edit", args=[own.obstacle.pk]), {"evidence_fi": "# Näin\n\n- yksi", "preview": "1"}),
            Sent("obstacle, conflict", "coordinator", reverse("pilots:obstacle_edit", args=[own.obstacle.pk]), {"evidence_fi": "Oma näyttö."}, lambda: other_text(Obstacle.objects.filter(pk=own.obstacle.pk), "evidence_fi")),
            Sent("obstacle, answered meanwhile", "kuntaliitto", reverse("pilots:obstacle_move", args=[own.obstacle.pk]), {"answer_fi": "Oma vastaus."}, lambda: other_text(Obstacle.objects.filter(pk=own.obstacle.pk), "description_fi")),
            Sent("proposal, conflict", "coordinator", reverse("pilots:proposal_edit", args=[own.proposal.pk]), {"text_fi": "Oma ehdotus."}, lambda: other_text(Proposal.objects.filter(pk=own.proposal.pk), "text_fi")),
            Sent(
                "proposal, moved meanwhile", "kuntaliitto", reverse("pilots:proposal_move", args=[own.proposal.pk]), {"status": "handed_over"},
                lambda: other_text(Proposal.objects.filter(pk=own.proposal.pk), "text_sv"),
            ),
            Sent("report of a fault, empty", VISITOR, reverse("pilots:fault_report", args=["proposal", own.proposal.pk]), {"text": ""}),
            Sent("series, its dates", "coordinator", reverse("services:series_add", args=[own.service.pk]), WEEKLY | {"resource": str(own.resource.pk)}),
            Sent("booking, taken", "coordinator", reverse("services:booking_add", args=[own.service.pk]), WEEKLY | {"resource": str(own.resource.pk), "day": "4.10.2027", "starts": "10.00", "ends": "12.00"}),
            Sent("service, changed", "coordinator", reverse("services:offer_what", args=[own.service.pk]), {"version": "99"}),
            Sent("service, published meanwhile", "coordinator", reverse("services:offer_publish", args=[own.draft.pk]), {"version": "99"}),
            Sent("booking, changed", "coordinator", reverse("services:booking_answer", args=[own.booking.pk, "declined"]), {"reason": "Remontti", "version": "99"}),
            Sent("form, wrong", "administrator", reverse("pilots:invitation_create", args=[own.organisation.slug]), {"email": "ei osoite", "role": ""}),
        ]


def other_phone(pathway: Pathway) -> None:
    Identity.objects.filter(pk=pathway.client_id).update(phone=f"050 {next(_others)}")


def other_text(rows: QuerySet, field: str) -> None:
    """Somebody else has saved."""
    rows.update(**{field: f"Toisen teksti {next(_others)}.", "version": F("version") + 1})
