"""What people of the network are told of."""
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.notifications import Kind
from accounts.registries import only_by_invitation
from pilots.choices import Permission
from pilots.permissions import may


def who_may(*permissions: str):
    """By any of the reader's memberships, for a person's choices are one for all of them."""

    def meant_for(request: HttpRequest) -> bool:
        return any(may(membership, permission) for membership in request.memberships for permission in permissions)

    return meant_for


def is_of_the_network(request: HttpRequest) -> bool:
    """Not somebody whose account came with an invitation of another kind: a client works nowhere here, and asks for no role."""
    return bool(request.memberships) or not any(rule(request.user) for rule in only_by_invitation)


KINDS = (
    Kind("roles", _("Your own roles"), ("join_accepted", "join_declined", "membership_ended", "membership_lapsed", "membership_unused"), always=_("Always at once: you would not know otherwise that you can no longer do your work."), meant_for=is_of_the_network),
    Kind("people", _("People who ask to join your organisation"), ("join_asked",), meant_for=who_may(Permission.MANAGE_PEOPLE, Permission.MANAGE_ALL_PEOPLE)),
    Kind("client_roles", _("Who gets to see clients"), ("client_role_begun", "last_administrator_unused"), always=_("Always at once: a role that sees clients never begins unseen."), meant_for=who_may(Permission.MANAGE_PEOPLE, Permission.MANAGE_ALL_PEOPLE)),
    Kind("checks", _("Obstacles and education that you have told of"), ("obstacle_stale", "provision_stale"), meant_for=who_may(Permission.EDIT_OWN_AREA)),
    Kind("models", _("Cooperation models that you look after"), ("model_copied", "model_stale"), meant_for=who_may(Permission.EDIT_OWN_AREA)),
)
