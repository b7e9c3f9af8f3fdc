"""Skill needs of areas against the shared courses: answered, partly or not.

The rule. A course matches a need when it holds every word of the need's name, in any form, in Finnish or in Swedish; of a
course that the reader may not use only its name is known, so only its name is looked at. A need is
- *answered* when a course that matches has a run that has not begun and is not called off;
- *partly* answered when courses match but none has such a run, or when a course holds at least half of the name's words;
- *not* answered otherwise, also when no course has been shared at all.
The rule is our own inference from words alone: it says nothing of how good a course is, and says so where it is shown.
"""
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from pilots.models import PilotArea, SkillNeed
from pilots.permissions import Acting
from pilots.words import Alternatives, index_words, text_words
from services.choices import ServiceKind
from services.models import CourseRun, SharedService
from services.queries.listed import listed_services
from services.queries.searched import chosen_for

MOST_WORDS = 8
# A page shows a few; a skill that more courses answer is answered.
MOST_COURSES = 5
MOST_CANDIDATES = 500


class Answer(models.TextChoices):
    ANSWERED = "answered", pgettext_lazy("skill need", "answered")
    PARTLY = "partly", pgettext_lazy("skill need", "partly answered")
    NOT = "not", pgettext_lazy("skill need", "not answered")


@dataclass(frozen=True)
class Answered:
    need: SkillNeed
    answer: Answer
    courses: list[SharedService] = field(default_factory=list)

    @property
    def badge(self) -> str:
        return {Answer.ANSWERED: "order", Answer.PARTLY: "waiting", Answer.NOT: "old"}[self.answer]


def needs_of(area: PilotArea | None = None) -> list[SkillNeed]:
    """Those that hold today; of all areas without one."""
    needs = SkillNeed.objects.filter(ended_at=None).select_related("area", "field")
    return list((needs.filter(area=area) if area else needs).order_by("area__number", "field__code", "pk"))


def answered(needs: Sequence[SkillNeed], acting: Acting) -> list[Answered]:
    """Each with the courses that answer it, those with a coming run first. Three queries at most, however many needs there are."""
    words = {need.pk: _words(need) for need in needs}
    conditions = [word.condition("search_words") for versions in words.values() for version in versions for word in version]
    if not conditions:
        return [Answered(need, Answer.NOT) for need in needs]
    found = listed_services(acting, chosen_for(acting)).filter(reduce(or_, conditions, Q(pk__in=[])), kind=ServiceKind.COURSE)
    courses = list(found.only("name_fi", "name_sv", "search_words", "kind").order_by("sort_key_fi", "pk")[:MOST_CANDIDATES])
    coming = set(CourseRun.objects.filter(service__in=[course.pk for course in courses], first_day__gte=timezone.localdate(), called_off_at=None).values_list("service", flat=True)) if courses else set()
    stored = {course.pk: course.search_words if course.usable else index_words(course.name_fi, course.name_sv) for course in courses}
    return [_answer(need, words[need.pk], courses, stored, coming) for need in needs]


def _words(need: SkillNeed) -> list[list[Alternatives]]:
    """Of the Finnish and of the Swedish name, those that have any."""
    return [found for text in (need.name_fi, need.name_sv) if text and (found := text_words(text, MOST_WORDS))]


def _answer(need: SkillNeed, versions: list[list[Alternatives]], courses: list[SharedService], stored: dict[int, str], coming: set[int]) -> Answered:
    shares = {course.pk: max((_share(version, stored[course.pk]) for version in versions), default=0.0) for course in courses}
    whole = sorted((course for course in courses if shares[course.pk] == 1), key=lambda course: course.pk not in coming)
    if whole:
        return Answered(need, Answer.ANSWERED if whole[0].pk in coming else Answer.PARTLY, whole[:MOST_COURSES])
    half = [course for course in courses if shares[course.pk] >= 0.5]
    return Answered(need, Answer.PARTLY if half else Answer.NOT, half[:MOST_COURSES])


def _share(words: list[Alternatives], stored: str) -> float:
    return sum(word.matches(stored) for word in words) / len(words)
