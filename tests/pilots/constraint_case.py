"""What the cases of constraints are made of."""
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils import timezone

from tests.pilots.factories import (
    make_area,
    make_goal,
    make_membership,
    make_model,
    make_municipality,
    make_organisation,
    make_region,
    make_round,
    make_unit,
    make_user,
)
from tests.pilots.obstacles import make_coordinator, make_obstacle

DAY, LATER, LAST = date(2021, 1, 1), date(2021, 1, 2), date(2022, 1, 1)
NOW = timezone.make_aware(timezone.datetime(2026, 1, 1, 12))
END = "The end must be after the start."


class Things:
    """Rows to point to, made when they are first asked for, the same ones within a test."""

    def __getattr__(self, name: str):
        make = {
            "area": make_area,
            "area_2": make_area,
            "goal": make_goal,
            "goal_2": lambda: make_goal(2),
            "membership": make_membership,
            "model": lambda: make_model(status=""),
            "model_2": lambda: make_model(status=""),
            "municipality": make_municipality,
            "municipality_2": make_municipality,
            "obstacle": lambda: make_obstacle(make_coordinator()),
            "obstacle_2": lambda: make_obstacle(make_coordinator()),
            "organisation": make_organisation,
            "organisation_2": make_organisation,
            "region": make_region,
            "round": make_round,
            "unit": make_unit,
            "unit_2": make_unit,
            "user": make_user,
            "user_2": make_user,
        }[name]
        setattr(self, name, thing := make())
        return thing


Build = Callable[[Things], list[models.Model]]


@dataclass(frozen=True)
class Case:
    """`good` and `bad` give rows to save in order; the last one decides. `says` is the sentence that a person reads."""

    good: Build
    bad: Build
    says: str = ""
