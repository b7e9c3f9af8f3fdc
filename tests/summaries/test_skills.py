"""Skill needs against the shared courses."""
from datetime import date, timedelta

import pytest
from django.utils import timezone

from pilots.choices import NeedLater, NeedNow
from pilots.models import FieldOfEducation, PilotArea, SkillNeed
from services.choices import Audience, Publication, ServiceKind
from services.models import SharedService
from summaries.queries.skills import Answer, answered, needs_of
from tests.pilots.factories import make_area
from tests.pilots.pages import page
from tests.services.courses import make_run
from tests.services.factories import make_handler, make_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def area() -> PilotArea:
    return make_area("Keksitty alue", slug="keksitty")


def make_skill(area: PilotArea, name_fi: str, **fields) -> SkillNeed:
    field, _new = FieldOfEducation.objects.get_or_create(code="07", defaults={"name_fi": "Tekniikan alat", "name_sv": "Teknik", "source": "test"})
    defaults = {"field": field, "need_now": NeedNow.LARGE, "need_later": NeedLater.GROWING, "source": "Keksitty kysely", "dated_on": date(2026, 1, 1)}
    return SkillNeed.objects.create(area=area, name_fi=name_fi, **defaults | fields)


def make_course(name_fi: str, runs: bool = True, **fields) -> SharedService:
    course = make_service(**{"kind": ServiceKind.COURSE, "name_fi": name_fi} | fields)
    if runs:
        make_run(service=course)
    return course


def answer_of(need: SkillNeed, acting=None) -> tuple[Answer, list[str]]:
    [found] = answered([need], acting)
    return found.answer, [course.name_fi for course in found.courses]


def test_need_is_answered_by_a_course_with_a_run_to_come(area):
    need = make_skill(area, "Hitsauksen osaajia")
    make_course("Ruiskumaalaus")
    make_course("Hitsaus, osaaja tutuksi")

    assert answer_of(need) == (Answer.ANSWERED, ["Hitsaus, osaaja tutuksi"])


def test_need_is_partly_answered_when_nothing_begins(area):
    need = make_skill(area, "Hitsaus")
    run = make_run(service=make_course("Hitsaus", runs=False), first_day=timezone.localdate() - timedelta(days=1), enrol_by=timezone.localdate() - timedelta(days=2))

    assert answer_of(need) == (Answer.PARTLY, ["Hitsaus"])
    run.first_day = timezone.localdate() + timedelta(days=1)
    run.save()
    assert answer_of(need) == (Answer.ANSWERED, ["Hitsaus"])


def test_need_is_partly_answered_by_half_of_its_words(area):
    need = make_skill(area, "Koneiden huolto")
    make_course("Talojen huolto")

    assert answer_of(need) == (Answer.PARTLY, ["Talojen huolto"])


def test_need_is_not_answered_where_nothing_is_shared(area):
    assert answer_of(make_skill(area, "Hitsaus")) == (Answer.NOT, [])
    make_course("Hitsaus", state=Publication.DRAFT)
    make_service(name_fi="Hitsaus")
    assert answer_of(make_skill(area, "Hitsaus")) == (Answer.NOT, [])


def test_need_is_answered_by_its_swedish_name(area):
    need = make_skill(area, "Jotain muuta", name_sv="Svetsning")
    make_course("Grundkurs i svetsning")

    assert answer_of(need)[0] == Answer.ANSWERED


def test_words_of_a_description_answer_only_for_those_who_may_use_the_course(area):
    handler = make_handler()
    need = make_skill(area, "Hitsaus")
    make_course("Verstaskurssi", description_fi="Hitsausta.", organisation=handler.organisation, audience=Audience.CHOSEN)
    make_course("Hitsaus", organisation=handler.organisation, audience=Audience.CHOSEN, shown_outside=False)

    assert answer_of(need) == (Answer.NOT, [])
    assert answer_of(need, handler) == (Answer.ANSWERED, ["Hitsaus", "Verstaskurssi"])


def test_needs_that_have_ended_are_not_listed(area):
    make_skill(area, "Entinen", ended_at=timezone.now(), ended_by=make_handler().user)

    assert needs_of() == []


def test_page_and_area_tell_the_answers_in_as_many_queries_for_three(client, area, django_assert_num_queries):
    other = make_area("Toinen alue", slug="toinen")
    make_course("Hitsaus")
    make_skill(area, "Hitsaus")
    client.get("/en/skill-needs/")
    for name in ("Koodaus", "Hoiva"):
        make_skill(area, name)
    make_skill(other, "Toisen tarve")

    with django_assert_num_queries(4):
        text = page(client, "/en/skill-needs/")
    narrowed = page(client, "/en/skill-needs/", area="keksitty", answer="not")

    assert text.count('class="row-item"') == 4
    assert [name for name in ("Hitsaus", "Koodaus", "Hoiva", "Toisen tarve") if name in narrowed.partition("search-count")[2]] == ["Koodaus", "Hoiva"]
    assert 'id="skill-courses"' in page(client, "/en/areas/keksitty/")
    assert 'id="skill-courses"' not in page(client, f"/en/areas/{make_area().slug}/")
