"""What the network holds of people: whom to call, who has which role, and who wrote what."""
from accounts.personal import Declarations, Kept, Personal, What, Who, Why
from pilots import models


def done_by(*names: str, words: tuple[str, ...] = ()) -> Personal:
    """Who wrote and decided what is public; the texts are about the matter."""
    return Personal(Who.WORKER, Why.COOPERATION, Kept.WORK, {What.ROLES: names} | ({What.WORDS: words} if words else {}))


DECLARED = Declarations(
    "pilots",
    {
        models.Contact: Personal(Who.CONTACT, Why.COOPERATION, Kept.WORK, {What.IDENTITY: ("name", "title_fi", "title_sv"), What.CONTACT: ("email", "phone"), What.LANGUAGE: ("speaks_swedish",), What.ROLES: ("task", "area", "organisation", "unit")}),
        models.Membership: Personal(
            Who.WORKER, Why.ACCOUNTS, Kept.ROLE, {What.ROLES: ("user", "organisation", "role", "area", "started_at", "ended_at", "ended_by", "end_reason"), What.USE: ("last_used_at", "warned_at")}
        ),
        models.Invitation: Personal(Who.WORKER, Why.ACCOUNTS, Kept.INVITATION, {What.CONTACT: ("email",), What.LANGUAGE: ("language",), What.ROLES: ("role", "organisation", "created_by", "accepted_by", "withdrawn_by")}),
        models.JoinRequest: Personal(Who.WORKER, Why.ACCOUNTS, Kept.ROLE, {What.ROLES: ("user", "role", "organisation", "decided_by"), What.WORDS: ("message", "reason")}),
        models.IndicatorImport: done_by("by"),
        models.Obstacle: done_by("created_by", "answered_by"),
        models.ObstacleEvent: done_by("by"),
        models.ObstacleSupport: done_by("given_by"),
        models.Provision: done_by("ended_by"),
        models.Proposal: done_by("created_by"),
        # Its author and those who can tell more.
        models.Publication: Personal(Who.CONTACT, Why.COOPERATION, Kept.WORK, {What.IDENTITY: ("author",), What.ROLES: ("archived_by",)}),
        models.SkillNeed: done_by("ended_by"),
        models.CooperationModel: done_by("created_by"),
        models.ModelFile: done_by("by"),
        models.ApiToken: done_by("created_by", "revoked_by"),
        models.Comment: Personal(Who.WORKER, Why.COOPERATION, Kept.WORK, {What.USE: ("author", "hidden_by"), What.WORDS: ("text", "hidden_reason")}),
        models.FaultReport: Personal(Who.WORKER, Why.COOPERATION, Kept.WORK, {What.CONTACT: ("email",), What.WORDS: ("text",), What.USE: ("handled_by",)}),
        models.AreaMembership: None,
        models.EducationForm: None,
        models.EmploymentArea: None,
        models.FieldOfEducation: None,
        models.Goal: None,
        models.IndicatorValue: None,
        models.Measure: None,
        models.ReplacedValue: None,
        models.LawfulCooperation: None,
        models.ModelGoal: None,
        models.ModelLink: None,
        models.ModelPartner: None,
        models.ModelResult: None,
        models.ModelStatusPeriod: None,
        models.Municipality: None,
        models.MunicipalityRegion: None,
        models.Organisation: None,
        models.PilotArea: None,
        models.QuotedTotal: None,
        models.Region: None,
        # A keyed hash of a network address and a minute, removed when the minute is over.
        models.RequestCount: None,
        models.Round: None,
        models.Unit: None,
    },
)
