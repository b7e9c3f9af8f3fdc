"""Municipalities, organisations, units, and what one calls them about."""
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


class ContactTask(models.TextChoices):
    """What one calls about."""

    GENERAL = "general", _("cooperation in general")
    REMOTE_TEACHING = "remote_teaching", _("remote teaching")
    SHARED_POSTS = "shared_posts", _("shared posts")
    AGREEMENTS = "agreements", _("agreements")
    GUIDANCE = "guidance", _("guidance")
