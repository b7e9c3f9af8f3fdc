"""Whose area is edited, and by whom."""
import pytest

from pilots.choices import Role
from pilots.models import Membership, PilotArea
from tests.pilots.factories import make_area, make_membership, make_organisation, make_user


@pytest.fixture
def area(db) -> PilotArea:
    return make_area("Suupohja")


@pytest.fixture
def coordinator(area) -> Membership:
    return make_membership(make_user(name="Demo Koordinaattori"), Role.AREA_COORDINATOR, area=area, organisation=make_organisation("Demoseudun kuntayhtymä"))
