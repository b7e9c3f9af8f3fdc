"""What is kept between the pages of clients holds nothing of a client's, and what is written into it is theirs alone."""
import re

import pytest
from django.urls import reverse
from django.utils import translation

from guidance.choices import OptionState, Stage, TargetGroup
from guidance.models import Client, EducationOption, Pathway
from guidance.templatetags.pathway import pathway_url, words
from guidance.templatetags.quick_log import PLACES, _form
from tests.guidance.factories import open_steps

HOSTILE = "<b>[acting]&\"'"
TOKENS = re.compile(r'name="token" value="([^"]+)"')


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_pathway_url_is_that_of_url(language):
    with translation.override(language):
        assert pathway_url("guidance:step_add", "K7F3-92QX") == reverse("guidance:step_add", args=["K7F3-92QX"])
        assert pathway_url("guidance:step_change", "K7F3-92QX", 7) == reverse("guidance:step_change", args=["K7F3-92QX", 7])


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_words_are_those_of_the_field(language):
    rows = [(Pathway(stage=Stage.MAPPING, target_group=TargetGroup.NO_QUALIFICATION), ("stage", "target_group", "outcome")), (EducationOption(state=OptionState.CHOSEN), ("state",)), (Client(service_language="sv"), ("service_language",))]

    with translation.override(language):
        for row, fields in rows:
            assert [words(row, field) for field in fields] == [getattr(row, f"get_{field}_display")() for field in fields]


@pytest.mark.django_db
def test_quick_log_writes_steps_as_they_were_written(made, guide_client, pathway):
    """What looks like a place of the kept form stays what somebody wrote, and is escaped."""
    step = open_steps(pathway)[0]
    pathway.next_steps.filter(pk=step.pk).update(what=HOSTILE)

    page = guide_client(made.anna).get(pathway.get_absolute_url()).content.decode()

    assert re.search(rf'<option value="{step.pk}">[\d./-]+ &lt;b&gt;\[acting\]&amp;&quot;&#x27;</option>', page)


@pytest.mark.django_db
def test_quick_log_of_each_page_is_its_own(made, guide_client, pathway):
    client = guide_client(made.anna)

    pages = [client.get(pathway.get_absolute_url()).content.decode() for _turn in range(2)]

    tokens = [token for page in pages for token in TOKENS.findall(page)]
    assert len(tokens) == len(set(tokens)) == 4
    assert [PLACES.findall(page) for page in pages] == [[], []]
    assert [page.count(reverse("guidance:pathway_log", args=[pathway.pseudonym])) > 1 for page in pages] == [True, True]
    assert pathway.pseudonym not in _form(False, "fi")
