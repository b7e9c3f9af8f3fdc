"""A start without compiled texts says so: the portal would be in English, silently."""
import os

import pytest
from django.core.checks import Tags, run_checks

PO, MO = "fi/LC_MESSAGES/django.po", "fi/LC_MESSAGES/django.mo"


@pytest.mark.once
@pytest.mark.parametrize(
    "made_at, found",
    [
        pytest.param({PO: 200}, ["kopa_portal.E001"], id="not compiled"),
        pytest.param({PO: 200, MO: 100}, ["kopa_portal.W001"], id="older"),
        pytest.param({PO: 200, MO: 200}, [], id="compiled"),
    ],
)
def test_catalogue_that_is_not_compiled_is_reported(tmp_path, settings, made_at, found):
    settings.LOCALE_PATHS = [tmp_path]
    for name, at in made_at.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (at, at))

    messages = run_checks(tags=[Tags.translation])

    assert [message.id for message in messages] == found
    assert all(message.hint == "Run: make catalogues" for message in messages)
