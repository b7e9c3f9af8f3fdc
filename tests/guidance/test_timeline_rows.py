"""The row of an event, which is written in Python and not by a template that escapes by itself."""
from datetime import UTC, datetime

import pytest

from guidance.queries.event_words import ShownEvent
from guidance.templatetags.timeline import event_row

WHEN = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
HOSTILE = "<b>&\"'"
ESCAPED = "&lt;b&gt;&amp;&quot;&#x27;"


@pytest.mark.parametrize("taken_back_at", [None, WHEN])
def test_row_of_an_event_escapes_every_part(taken_back_at):
    file = {"id": 3, "name": HOSTILE, "size": 3}
    event = ShownEvent(
        7, "phone", HOSTILE, HOSTILE, HOSTILE, WHEN, HOSTILE, HOSTILE, readers=HOSTILE, is_worry=True, taken_back_at=taken_back_at, may_take_back=True, files=[file]
    )

    row = event_row(event, "K7F3-92QX")

    assert "<b>" not in row
    # The kind twice, what it says, the text, the file, who, whose, who reads.
    assert row.count(ESCAPED) == 8
    assert "/K7F3-92QX/files/3/" in row
    assert "/K7F3-92QX/events/7/" in row
