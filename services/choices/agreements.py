"""Agreements and settlements."""
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class LendingForm(models.TextChoices):
    JOINT_POST = "joint_post", _("joint post")
    PART_TIME_POST = "part_time_post", _("part-time post")
    PURCHASED_SERVICE = "purchased_service", _("purchased service")
    USE_OF_FACILITY = "use_of_facility", _("use of a facility")
    COURSE_SEATS = "course_seats", _("seats on courses")


# Only in these does somebody's qualification and record matter.
STAFF_FORMS = (LendingForm.JOINT_POST, LendingForm.PART_TIME_POST, LendingForm.PURCHASED_SERVICE)


class Vat(models.TextChoices):
    """How a line treats value added tax, as the parties have agreed. Which it must be is theirs to know; the portal only counts."""

    NONE = "none", _("no VAT is charged")
    ADDED = "added", _("VAT is added to the price")
    INCLUDED = "included", _("the price includes VAT")


class AgreementState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("agreement", "draft")
    SENT = "sent", pgettext_lazy("agreement", "sent for decision")
    DECLINED = "declined", pgettext_lazy("agreement", "declined")
    IN_FORCE = "in_force", pgettext_lazy("agreement", "in force")
    ENDED = "ended", pgettext_lazy("agreement", "ended")


class AgreementMove(NamedTuple):
    source: str
    target: str
    drafter_only: bool
    needs_reason: bool


# What people do; an agreement comes into force when its last party has noted its decision, and ends after its last day.
AGREEMENT_MOVES = (
    AgreementMove(AgreementState.DRAFT, AgreementState.SENT, True, False),
    AgreementMove(AgreementState.SENT, AgreementState.DRAFT, True, False),
    AgreementMove(AgreementState.SENT, AgreementState.DECLINED, False, True),
    AgreementMove(AgreementState.DECLINED, AgreementState.DRAFT, True, False),
    AgreementMove(AgreementState.IN_FORCE, AgreementState.ENDED, False, True),
)
# The states in which an agreement governs what is settled.
SETTLED_IN = (AgreementState.IN_FORCE, AgreementState.ENDED)


class SettlementState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("settlement", "draft")
    ACCEPTED = "accepted", pgettext_lazy("settlement", "accepted and locked")
