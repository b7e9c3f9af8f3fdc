"""Who lends to whom: the bookings and enrolments behind the figures of use, and the flow between areas and between organisations.

Who borrows is known to the two sides alone elsewhere; here it is shown to Kuntaliitto's staff, and without purposes or people.
"""
from collections import Counter
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from pilots.models import AreaMembership, Organisation
from pilots.queries.network import areas_in_order, shown_as_members
from summaries.choices import Border, Lent
from summaries.queries.counting import bookings_between, enrolments_between

OWNER = {Lent.BOOKINGS: "resource__owner", Lent.ENROLMENTS: "run__service__organisation"}
DAY = {Lent.BOOKINGS: "starts_at", Lent.ENROLMENTS: "run__first_day"}
SHOWN = {Lent.BOOKINGS: ("service", "organisation", "resource__owner"), Lent.ENROLMENTS: ("run__service__organisation", "organisation")}


def lent(what: str, first_day: date, until: date) -> QuerySet[Any]:
    """The rows of a figure of use, the latest first."""
    rows: QuerySet[Any] = enrolments_between(first_day, until) if what == Lent.ENROLMENTS else bookings_between(first_day, until)
    owner = OWNER[Lent(what)]
    return rows.annotate(lender=F(owner), day=F(DAY[Lent(what)])).select_related(*SHOWN[Lent(what)]).order_by("-day", "-pk")


def by_members_of(slug: str) -> Q:
    """Condition on rows of `lent`: the lender belongs to the area, itself or through a unit of its own."""
    rows = AreaMembership.objects.filter(shown_as_members(), area__in=areas_in_order().values("pk"), area__slug=slug)
    return Q(lender__in=rows.filter(unit=None).values("organisation")) | Q(lender__in=rows.filter(organisation=None).values("unit__owner"))


def across(border: str, what: str) -> Q:
    """Condition on rows of `lent`. What is not known crosses no border."""
    owner = OWNER[Lent(what)]
    if border == Border.MUNICIPAL:
        return Q(**{f"{owner}__municipality__isnull": False}, organisation__municipality__isnull=False) & ~Q(**{f"{owner}__municipality": F("organisation__municipality")})
    given = Organisation.education_forms.through.objects
    theirs, ours = given.filter(organisation=OuterRef("organisation")), given.filter(organisation=OuterRef(owner))
    common = ours.filter(educationform__in=given.filter(organisation=OuterRef(OuterRef("organisation"))).values("educationform"))
    return Q(Exists(theirs)) & Q(Exists(ours)) & ~Q(Exists(common))


def flow_between(rows: QuerySet[Any]) -> Counter[tuple[int, int]]:
    """(lender, borrower) -> how many of the rows. One query."""
    return Counter({(one, other): number for one, other, number in rows.order_by().values_list("lender", "organisation").annotate(number=Count("pk"))})
