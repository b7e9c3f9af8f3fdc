"""Pages to walk through for guards that look at whole answers: address, person, and what it is called in a report."""
from dataclasses import dataclass

from django.urls import reverse
from django.utils import translation

from tests.project.access import ROWS
from tests.project.world import PEOPLE, VISITOR, World

# Each with the least right that opens it, so that a page is seen as its own people see it.
# Answers that are no page; held by tests of their own.
