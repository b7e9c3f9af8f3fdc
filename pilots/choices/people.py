"""Roles, what each may do, and how people come and go."""
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Role(models.TextChoices):
    EDUCATION_OFFICER = "education_officer", _("education officer")
    AREA_COORDINATOR = "area_coordinator", _("area coordinator")
    SERVICE_HANDLER = "service_handler", _("service handler")
    COUNSELLOR = "counsellor", _("counsellor")
    PARTNERSHIP_LEAD = "partnership_lead", _("partnership lead")
    DATA_PROTECTION_OFFICER = "data_protection_officer", _("data protection officer")
    ORGANISATION_ADMINISTRATOR = "organisation_administrator", _("organisation administrator")
    KUNTALIITTO_STAFF = "kuntaliitto_staff", _("Kuntaliitto staff")
    PORTAL_ADMINISTRATOR = "portal_administrator", _("portal administrator")


class ApiScope(models.TextChoices):
    """What a key of the API reads beside what everybody may read."""

    OFFERED = "offered", _("What is offered to the organisation: shared services in full, and course runs with their seats.")
    OWN = "own", _("The organisation’s own shared services in every state, drafts and archived ones too.")


class Permission(models.TextChoices):
    """What code asks for; roles are only ever mapped to these, in `PERMISSIONS`.

    The label tells whoever gives or asks for a role what it may do: a sentence of its own, in this order.
    """

    EDIT_OWN_AREA = "edit_own_area", _("Edits the texts, the members and the contact people of one pilot area.")
    MODERATE = "moderate", _("Answers and merges what the areas report, moderates what they write, and keeps the publications.")
    HANDLE_SERVICES = "handle_services", _("Offers the organisation's facilities, staff and courses to others, and books theirs.")
    MANAGE_PEOPLE = "manage_people", _("Invites people to the organisation, decides who joins, and ends memberships.")
    MANAGE_ALL_PEOPLE = "manage_all_people", _("Does the same in every organisation, but gives no role that sees clients there.")
    KEEP_FIGURES = "keep_figures", _("Brings in the yearly figures of municipalities from files of statistics.")
    KEEP_PROVISIONS = "keep_provisions", _("Keeps the provisions of law that grounds for guiding clients are chosen from.")
    GUIDE_CLIENTS = "guide_clients", _("Guides clients of the organisation; signs in with a second factor.")
    LEAD_PARTNERSHIP = "lead_partnership", _("Follows up the hand-offs and pathways of a partnership.")
    SUPERVISE_READING = "supervise_reading", _("Searches the log of who has read about the organisation's clients; signs in with a second factor.")
    ANSWER_RIGHTS = "answer_rights", _("Answers for the organisation what clients ask about their own data, and erases data; signs in with a second factor.")


PERMISSIONS: dict[str, frozenset[str]] = {
    Role.EDUCATION_OFFICER: frozenset(),
    Role.AREA_COORDINATOR: frozenset({Permission.EDIT_OWN_AREA, Permission.HANDLE_SERVICES}),
    Role.SERVICE_HANDLER: frozenset({Permission.HANDLE_SERVICES}),
    Role.COUNSELLOR: frozenset({Permission.GUIDE_CLIENTS}),
    Role.PARTNERSHIP_LEAD: frozenset({Permission.GUIDE_CLIENTS, Permission.LEAD_PARTNERSHIP, Permission.ANSWER_RIGHTS}),
    Role.DATA_PROTECTION_OFFICER: frozenset({Permission.SUPERVISE_READING, Permission.ANSWER_RIGHTS}),
    Role.ORGANISATION_ADMINISTRATOR: frozenset({Permission.MANAGE_PEOPLE}),
    Role.KUNTALIITTO_STAFF: frozenset({Permission.MODERATE, Permission.KEEP_FIGURES}),
    Role.PORTAL_ADMINISTRATOR: frozenset({Permission.MANAGE_PEOPLE, Permission.KEEP_FIGURES, Permission.KEEP_PROVISIONS, Permission.MANAGE_ALL_PEOPLE}),
}
NO_PERMISSION = _("Sees what the portal shows to all; changes nothing.")

# Whoever can see a client signs in with a second factor.
SECOND_FACTOR_PERMISSIONS = frozenset({Permission.GUIDE_CLIENTS, Permission.LEAD_PARTNERSHIP, Permission.SUPERVISE_READING, Permission.ANSWER_RIGHTS})

# The roles that see clients. Only the organisation's own administrator gives them, and never to themselves.
CLIENT_ROLES = frozenset(role for role, permissions in PERMISSIONS.items() if permissions & SECOND_FACTOR_PERMISSIONS)

# Roles that only Kuntaliitto's own people hold; nobody else may give or ask for them.
KUNTALIITTO_ROLES = frozenset({Role.KUNTALIITTO_STAFF, Role.PORTAL_ADMINISTRATOR})


class MembershipEnd(models.TextChoices):
    ENDED = "ended", _("ended by an administrator")
    LEFT = "left", _("left")
    LAPSED = "lapsed", _("unused for a year")


class JoinDecision(models.TextChoices):
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", pgettext_lazy("join request", "declined")
    WITHDRAWN = "withdrawn", _("withdrawn")
