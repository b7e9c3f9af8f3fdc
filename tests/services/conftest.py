from collections.abc import Iterator

import pytest
from django.conf import settings
from django.utils import translation


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    """A page that was asked for in English leaves its language to the next test otherwise."""
    yield
    translation.activate(settings.LANGUAGE_CODE)
