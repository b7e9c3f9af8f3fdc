"""Needs, rounds of wishes, and why a wish is not met."""
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class NeedState(models.TextChoices):
    OPEN = "open", pgettext_lazy("need", "open")
    MET = "met", pgettext_lazy("need", "met")
    WITHDRAWN = "withdrawn", pgettext_lazy("need", "withdrawn")


class RoundState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("round", "draft")
    OPEN = "open", pgettext_lazy("round", "open for wishes")
    CLOSED = "closed", pgettext_lazy("round", "closed")
    PROPOSED = "proposed", pgettext_lazy("round", "proposed")
    ADJUSTED = "adjusted", pgettext_lazy("round", "adjusted by hand")
    CONFIRMED = "confirmed", pgettext_lazy("round", "confirmed")


# From which states a round becomes which; it is always who opened it that acts.
ROUND_MOVES = {
    RoundState.OPEN: (RoundState.DRAFT, RoundState.CLOSED),
    RoundState.CLOSED: (RoundState.OPEN,),
    RoundState.PROPOSED: (RoundState.CLOSED, RoundState.PROPOSED, RoundState.ADJUSTED),
    RoundState.ADJUSTED: (RoundState.PROPOSED, RoundState.ADJUSTED),
    RoundState.CONFIRMED: (RoundState.PROPOSED, RoundState.ADJUSTED),
}


class WishState(models.TextChoices):
    WISHED = "wished", pgettext_lazy("wish", "not decided yet")
    GRANTED = "granted", pgettext_lazy("wish", "granted")
    REFUSED = "refused", pgettext_lazy("wish", "refused")


class Obstacle(models.TextChoices):
    """Why a time of a wish cannot be given, beside the reasons of `Misfit`; see `queries/allocation.py`."""

    GIVEN = "given", _("given to a wish that goes before")
    SHARE_GIVEN = "share_given", _("the hours lent in a week are given to wishes that go before")
    NO_DATES = "no_dates", _("no date of the term can be booked on this weekday")
    NOT_OFFERED = "not_offered", _("not offered to the organisation any more")
    INTERVAL = "interval", _("not a time at which bookings start")
