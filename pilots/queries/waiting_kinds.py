"""What can wait among people, in the own area, and in what the areas have learnt: the rows, and how the home page tells of them."""
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pilots.choices import ObstacleStatus, Permission, ProposalStatus, PublicationState
from pilots.models import Contact, Invitation, Membership, Obstacle, PilotArea, Proposal
from pilots.models.contact import STALE_AFTER
from pilots.queries.cooperation import own_models
from pilots.queries.discussion import faults_for
from pilots.queries.waiting import requests_to_decide
from pilots.registries import Waited, Waiting, WaitingKind


def _manages_people(acting: Membership) -> bool:
    return acting.may(Permission.MANAGE_PEOPLE)


def _keeps_area(acting: Membership) -> bool:
    return acting.may(Permission.EDIT_OWN_AREA)


def _moderates(acting: Membership) -> bool:
    return acting.may(Permission.MODERATE)


def _keeps(acting: Membership) -> bool:
    return _keeps_area(acting) or _moderates(acting)


def _requests(acting: Membership, found: Waited) -> Waiting:
    what = ngettext("%(count)d person asks to join", "%(count)d people ask to join", found.count) % {"count": found.count}
    return Waiting(what, found.count, f"{reverse('pilots:people_list')}#requests", found.since, _("Decide"))


def _invitations(acting: Membership, found: Waited) -> Waiting:
    what = ngettext("%(count)d invitation has expired", "%(count)d invitations have expired", found.count) % {"count": found.count}
    return Waiting(what, found.count, f"{reverse('pilots:people_list')}#invitations", found.since, _("Send again or withdraw"))


def _contacts(acting: Membership, found: Waited) -> Waiting:
    what = ngettext("%(count)d contact person has not been confirmed for over a year", "%(count)d contact people have not been confirmed for over a year", found.count)
    return Waiting(what % {"count": found.count}, found.count, f"{reverse('pilots:area_edit', args=[acting.area.slug])}#contacts", found.since + STALE_AFTER, _("Check and confirm"))


def _texts(acting: Membership, found: Waited) -> Waiting:
    return Waiting(_("The day to check the area’s texts has passed"), found.count, f"{reverse('pilots:area_edit', args=[acting.area.slug])}#texts", found.since, _("Check the texts"))


def _models(acting: Membership, found: Waited) -> Waiting:
    what = ngettext("The day to check %(count)d cooperation model has passed", "The day to check %(count)d cooperation models has passed", found.count) % {"count": found.count}
    return Waiting(what, found.count, reverse("pilots:model_own"), found.since, _("Check them"))


def _faults(acting: Membership, found: Waited) -> Waiting:
    what = ngettext("%(count)d reader says that something is wrong", "%(count)d readers say that something is wrong", found.count) % {"count": found.count}
    return Waiting(what, found.count, reverse("pilots:fault_list"), found.since, _("Read and answer for it"))


def _unanswered(acting: Membership, found: Waited) -> Waiting:
    what = ngettext("%(count)d obstacle waits for an answer", "%(count)d obstacles wait for an answer", found.count) % {"count": found.count}
    return Waiting(what, found.count, f"{reverse('pilots:obstacle_list')}?status=open&sort=newest", timezone.localdate(found.since), _("Read and answer"))


def _proposals(acting: Membership, found: Waited) -> Waiting:
    what = ngettext("%(count)d proposal waits to be handed over", "%(count)d proposals wait to be handed over", found.count) % {"count": found.count}
    return Waiting(what, found.count, f"{reverse('pilots:proposal_list')}?status=made", found.since, _("Look and hand over"))


def _obstacles(acting: Membership, found: Waited) -> Waiting:
    what = ngettext("%(count)d obstacle of your area should have been checked", "%(count)d obstacles of your area should have been checked", found.count) % {"count": found.count}
    return Waiting(what, found.count, f"{reverse('pilots:obstacle_list')}?area={acting.area.slug}", found.since, _("Check"))


NOT_CHECKED = (ObstacleStatus.REMOVED, ObstacleStatus.NOT_PURSUED)

KINDS = [
    WaitingKind("requests", _manages_people, lambda terms: [requests_to_decide(terms.acting)], _requests, "created_at"),
    WaitingKind("invitations", _manages_people, lambda terms: [Invitation.objects.open().filter(organisation_id=terms.acting.organisation_id, expires_at__lte=terms.now)], _invitations, "expires_at"),
    WaitingKind("contacts", _keeps_area, lambda terms: [Contact.objects.filter(area=terms.acting.area_id, ended_on=None, confirmed_on__lt=terms.year_ago)], _contacts, "confirmed_on"),
    WaitingKind("texts", _keeps_area, lambda terms: [PilotArea.objects.filter(pk=terms.acting.area_id, check_by__lt=terms.today)], _texts, "check_by"),
    WaitingKind("models", _keeps, lambda terms: [own_models(terms.acting).filter(state=PublicationState.PUBLIC, check_by__lt=terms.today)], _models, "check_by"),
    WaitingKind("faults", _keeps, lambda terms: [faults_for(terms.acting).filter(handled_at=None)], _faults, "created_at"),
    WaitingKind("unanswered", _moderates, lambda terms: [Obstacle.objects.filter(status=ObstacleStatus.OPEN, answered_at=None, merged_into=None, published_at__isnull=False)], _unanswered, "published_at"),
    WaitingKind("proposals", _moderates, lambda terms: [Proposal.objects.filter(status=ProposalStatus.MADE)], _proposals, "made_on"),
    WaitingKind("obstacles", _keeps_area, lambda terms: [Obstacle.objects.filter(reported_by=terms.acting.area_id, merged_into=None, check_by__lt=terms.today).exclude(status__in=NOT_CHECKED)], _obstacles, "check_by"),
]
