"""Coded values of the network, and who may do what."""
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class LanguageStatus(models.TextChoices):
    FINNISH = "fi", _("Finnish-speaking")
    SWEDISH = "sv", _("Swedish-speaking")
    FINNISH_MAJORITY = "fi_sv", _("bilingual, Finnish majority")
    SWEDISH_MAJORITY = "sv_fi", _("bilingual, Swedish majority")


class OrganisationKind(models.TextChoices):
    """What a body is for those who work with it; its legal form is a fact of its own (`LegalForm`)."""

    MUNICIPALITY = "municipality", _("municipality")
    JOINT_AUTHORITY = "joint_authority", _("joint municipal authority for education")
    LIMITED_COMPANY = "limited_company", _("limited company")
    UNIVERSITY_OF_APPLIED_SCIENCES = "uas", _("university of applied sciences")
    UNIVERSITY = "university", _("university")
    MUNICIPAL_ENTERPRISE = "municipal_enterprise", _("municipal enterprise")
    EMPLOYMENT_AUTHORITY = "employment_authority", _("employment authority")
    TE_SERVICES = "te_services", _("TE services (until 31.12.2024)")
    ASSOCIATION = "association", _("association or foundation")
    EMPLOYER = "employer", _("employer")
    PRIVATE_PROVIDER = "private_provider", _("private service producer")
    WELLBEING_COUNTY = "wellbeing_county", _("wellbeing services county")
    KELA = "kela", _("Kela")
    OUTREACH_YOUTH_WORK = "outreach_youth_work", _("outreach youth work")
    STATE_BODY = "state_body", _("ministry or other state body")


class LegalForm(models.TextChoices):
    MUNICIPALITY = "municipality", _("municipality")
    JOINT_AUTHORITY = "joint_authority", _("joint municipal authority")
    LIMITED_COMPANY = "limited_company", _("limited company")
    ASSOCIATION = "association", _("registered association")
    FOUNDATION = "foundation", _("foundation")
    STATE = "state", _("the state")
    PART_OF_ANOTHER = "part_of_another", _("part of another legal person")


class UnitKind(models.TextChoices):
    COLLEGE = "college", _("college")
    SCHOOL = "school", _("school")
    SERVICE_POINT = "service_point", _("service point")
    MUNICIPAL_ENTERPRISE = "municipal_enterprise", _("municipal enterprise")


class Participation(models.TextChoices):
    """How a body takes part in an area. CHANNEL is the body that others take part through."""

    DIRECT = "direct", pgettext_lazy("takes part", "directly")
    THROUGH = "through", pgettext_lazy("takes part", "through another body")
    CHANNEL = "channel", pgettext_lazy("takes part", "as the channel of others")


class EmploymentAuthorityForm(models.TextChoices):
    SINGLE = "single", _("a municipality alone")
    HOST = "host", _("host municipality")
    JOINT_AUTHORITY = "joint_authority", _("joint municipal authority")
    TRIAL = "trial", _("local government pilot on employment")


class Theme(models.TextChoices):
    """What the figures of a place are sorted under."""

    POPULATION = "population", _("Population and migration")
    AGES = "ages", _("Age groups")
    EDUCATION = "education", _("Pupils and schools")
    ECONOMY = "economy", _("Work and finances")


class MeasureUnit(models.TextChoices):
    PEOPLE = "people", _("people")
    PERCENT = "percent", _("%")
    SCHOOLS = "schools", _("schools")
    EUROS_PER_PUPIL = "euros_per_pupil", _("€ per pupil")
    EUROS_PER_INHABITANT = "euros_per_inhabitant", _("€ per inhabitant")


class AreaRule(models.TextChoices):
    """How the figures of several municipalities become one."""

    SUM = "sum", _("The figures of the municipalities are added up.")
    WEIGHTED = "weighted", _("A mean of the municipalities, each with its own weight.")
    NONE = "none", _("Figures of several municipalities are not put together.")


class ImportStep(models.TextChoices):
    """How far a file of figures has come."""

    WAITING = "waiting", _("waits to be looked at")
    STORED = "stored", _("stored")
    DROPPED = "dropped", _("discarded")


class ContactTask(models.TextChoices):
    """What one calls about."""

    GENERAL = "general", _("cooperation in general")
    REMOTE_TEACHING = "remote_teaching", _("remote teaching")
    SHARED_POSTS = "shared_posts", _("shared posts")
    AGREEMENTS = "agreements", _("agreements")
    GUIDANCE = "guidance", _("guidance")


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


class ObstacleKind(models.TextChoices):
    LAW = "law", pgettext_lazy("obstacle", "law")
    FUNDING = "funding", pgettext_lazy("obstacle", "funding")
    PRACTICE = "practice", pgettext_lazy("obstacle", "practice")
    DISTANCE = "distance", pgettext_lazy("obstacle", "distance")
    AGREEMENTS = "agreements", pgettext_lazy("obstacle", "agreements")
    INFORMATION_SYSTEMS = "information_systems", pgettext_lazy("obstacle", "information systems")
    ATTITUDES = "attitudes", pgettext_lazy("obstacle", "attitudes")


class Remover(models.TextChoices):
    """Who can remove an obstacle, and to whom a proposal goes."""

    MUNICIPALITY = "municipality", _("municipality")
    PROVIDER = "provider", _("education provider")
    KUNTALIITTO = "kuntaliitto", _("Kuntaliitto")
    MINISTRY = "ministry", _("ministry")
    LEGISLATOR = "legislator", _("legislator")


class ObstacleStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("obstacle", "open")
    PROPOSED = "proposed", pgettext_lazy("obstacle", "a proposal has been made")
    IN_PROGRESS = "in_progress", pgettext_lazy("obstacle", "in progress")
    REMOVED = "removed", pgettext_lazy("obstacle", "removed")
    NOT_PURSUED = "not_pursued", pgettext_lazy("obstacle", "not pursued")


class ProposalStatus(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("proposal", "draft")
    MADE = "made", pgettext_lazy("proposal", "made")
    HANDED_OVER = "handed_over", pgettext_lazy("proposal", "handed over")
    ANSWERED = "answered", pgettext_lazy("proposal", "answered")
    ACCEPTED = "accepted", pgettext_lazy("proposal", "accepted")
    REJECTED = "rejected", pgettext_lazy("proposal", "rejected")


# From -> to; all by whoever has the right to MODERATE.
OBSTACLE_MOVES: dict[str, tuple[ObstacleStatus, ...]] = {
    ObstacleStatus.OPEN: (ObstacleStatus.PROPOSED, ObstacleStatus.IN_PROGRESS, ObstacleStatus.REMOVED, ObstacleStatus.NOT_PURSUED),
    ObstacleStatus.PROPOSED: (ObstacleStatus.OPEN, ObstacleStatus.IN_PROGRESS, ObstacleStatus.REMOVED, ObstacleStatus.NOT_PURSUED),
    ObstacleStatus.IN_PROGRESS: (ObstacleStatus.OPEN, ObstacleStatus.REMOVED, ObstacleStatus.NOT_PURSUED),
    ObstacleStatus.REMOVED: (ObstacleStatus.OPEN,),
    ObstacleStatus.NOT_PURSUED: (ObstacleStatus.OPEN,),
}
# The first one, from a draft, by the area that wrote it; the others by whoever has the right to MODERATE.
PROPOSAL_MOVES: dict[str, tuple[ProposalStatus, ...]] = {
    ProposalStatus.DRAFT: (ProposalStatus.MADE,),
    ProposalStatus.MADE: (ProposalStatus.HANDED_OVER, ProposalStatus.REJECTED),
    ProposalStatus.HANDED_OVER: (ProposalStatus.ANSWERED, ProposalStatus.ACCEPTED, ProposalStatus.REJECTED),
    ProposalStatus.ANSWERED: (ProposalStatus.ACCEPTED, ProposalStatus.REJECTED),
    ProposalStatus.ACCEPTED: (),
    ProposalStatus.REJECTED: (),
}


class ObstacleAct(models.TextChoices):
    """What a line of an obstacle's history tells."""

    WRITTEN = "written", _("Draft written")
    REPORTED = "reported", _("Obstacle reported")
    EDITED = "edited", _("Obstacle edited")
    MOVED = "moved", _("Status changed")
    ANSWERED = "answered", _("Answered")
    WEIGHT_ADDED = "weight_added", _("Weight added")
    WEIGHT_TAKEN_BACK = "weight_taken_back", _("Weight taken back")
    MERGED = "merged", _("Duplicate merged into this")
    PROPOSAL_WRITTEN = "proposal_written", _("Draft of a proposal written")
    PROPOSAL_EDITED = "proposal_edited", _("Proposal edited")
    PROPOSAL_MOVED = "proposal_moved", _("Status of a proposal changed")


class PublicationKind(models.TextChoices):
    PRE_STUDY = "pre_study", _("pre-study")
    FINAL_REPORT = "final_report", _("final report")
    REPORT = "report", _("report")
    VIDEO = "video", _("video")
    NEWS = "news", pgettext_lazy("publication", "news")
    WEB_PAGE = "web_page", _("web page")
    EXPERTS = "experts", _("experts to contact")


class NeedNow(models.TextChoices):
    """How much an area's working life needs a skill today."""

    SMALL = "small", pgettext_lazy("need for a skill", "small")
    MODERATE = "moderate", pgettext_lazy("need for a skill", "moderate")
    LARGE = "large", pgettext_lazy("need for a skill", "large")
    URGENT = "urgent", pgettext_lazy("need for a skill", "urgent")


class NeedLater(models.TextChoices):
    """What the need is thought to be in five years, beside today's."""

    DECREASING = "decreasing", pgettext_lazy("need for a skill", "decreasing")
    SAME = "same", pgettext_lazy("need for a skill", "the same")
    GROWING = "growing", pgettext_lazy("need for a skill", "growing")
    URGENT = "urgent", pgettext_lazy("need for a skill", "urgent")


class PublicationState(models.TextChoices):
    """Of what an area writes: a draft is seen by its own people, what is archived is read but no longer listed."""

    DRAFT = "draft", pgettext_lazy("publication", "draft")
    PUBLIC = "public", pgettext_lazy("publication", "public")
    ARCHIVED = "archived", pgettext_lazy("publication", "archived")


# From, to: the same for everybody who may edit the thing.
PUBLICATION_MOVES = {
    PublicationState.DRAFT: (PublicationState.PUBLIC, PublicationState.ARCHIVED),
    PublicationState.PUBLIC: (PublicationState.ARCHIVED,),
    PublicationState.ARCHIVED: (PublicationState.PUBLIC,),
}


class ModelStatus(models.TextChoices):
    """How far a cooperation model has come; in the order in which it goes on."""

    IDEA = "idea", pgettext_lazy("cooperation model", "idea")
    TRIAL = "trial", pgettext_lazy("cooperation model", "being tried")
    IN_USE = "in_use", pgettext_lazy("cooperation model", "in use")
    ENDED = "ended", pgettext_lazy("cooperation model", "ended")


class ResultTag(models.TextChoices):
    """What a result is about: the words of the network's first goal, and of the fourth."""

    AVAILABILITY = "availability", _("availability")
    ACCESSIBILITY = "accessibility", _("accessibility")
    QUALITY = "quality", _("quality")
    ECONOMY = "economy", _("economy")


class ProvisionWay(models.TextChoices):
    """How a municipality's residents get a form of education."""

    OWN = "own", _("the municipality’s own")
    JOINT = "joint", _("a joint authority’s")
    OTHER_MUNICIPALITY = "other_municipality", _("another municipality’s")
    PRIVATE = "private", _("a private provider’s")
    REMOTE = "remote", _("taught remotely")
    MISSING = "missing", _("missing in this municipality")


class Schooling(models.TextChoices):
    NONE = "none", _("I have not finished comprehensive school.")
    BASIC = "basic", _("Comprehensive school")
    UPPER = "upper", _("General upper secondary school or a vocational qualification")


class LearnerGoal(models.TextChoices):
    FINISH_SCHOOL = "finish_school", _("To finish comprehensive school")
    OCCUPATION = "occupation", _("To learn an occupation")
    MATRICULATE = "matriculate", _("To take the matriculation examination")
    DEGREE = "degree", _("To study for a degree")
    LEISURE = "leisure", _("To study in my free time")


# Which forms of education answer a goal, or follow what has been finished.
FORMS_FOR_GOAL = {
    LearnerGoal.OCCUPATION: frozenset({"vocational"}),
    LearnerGoal.MATRICULATE: frozenset({"general-upper-secondary"}),
    LearnerGoal.DEGREE: frozenset({"higher"}),
    LearnerGoal.LEISURE: frozenset({"liberal-adult"}),
}
FORMS_AFTER = {
    Schooling.BASIC: frozenset({"general-upper-secondary", "vocational", "liberal-adult"}),
    Schooling.UPPER: frozenset({"higher", "vocational", "liberal-adult"}),
}
# The school year in which a child turns six is pre-primary; compulsory basic education ends at about sixteen.
PRE_PRIMARY_AGE, BASIC_AGE, LAST_BASIC_AGE = 6, 7, 16


def forms_for(age: int | None, schooling: str, goal: str) -> frozenset[str]:
    """Codes of the forms of education that fit a learner: by the goal, else by what is finished, else by the age; all when nothing is told."""
    school = frozenset({"basic"}) if age is None or age <= LAST_BASIC_AGE else frozenset({"basic-adult"})
    if goal == LearnerGoal.FINISH_SCHOOL:
        return frozenset({"basic", "basic-adult"}) if age is None else school
    if goal:
        return FORMS_FOR_GOAL[LearnerGoal(goal)]
    if schooling in FORMS_AFTER:
        return FORMS_AFTER[Schooling(schooling)]
    if age is not None and age < PRE_PRIMARY_AGE:
        return frozenset({"early-childhood"})
    if age == PRE_PRIMARY_AGE:
        return frozenset({"pre-primary", "early-childhood"})
    if age is not None and (schooling or age < LAST_BASIC_AGE):
        return school
    after = FORMS_AFTER[Schooling.BASIC] | FORMS_AFTER[Schooling.UPPER]
    return after if age is not None else after | {"early-childhood", "pre-primary", "basic", "basic-adult"}
