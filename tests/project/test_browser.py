"""The watch over every browser test: shown to see what it must fail on."""
import pytest
from django.db import connection


def test_watch_request_leaves_server_is_seen(page, watch):
    page.goto("/about/")
    page.evaluate("document.body.append(Object.assign(new Image(), {src: 'https://elsewhere.invalid/x.png'}))")
    page.wait_for_timeout(200)

    seen = list(watch.faults)
    watch.faults.clear()

    assert [fault for fault in seen if "elsewhere.invalid/x.png" in fault and "img-src" in fault]


def test_watch_inline_style_is_seen(page, watch):
    page.goto("/about/")
    page.evaluate("document.body.innerHTML = '<p style=\"color: red\">red</p>'")
    page.wait_for_timeout(200)

    seen = list(watch.faults)
    watch.faults.clear()

    assert [fault for fault in seen if "style-src" in fault]


def test_watch_missing_file_is_seen(page, watch):
    page.goto("/about/")
    page.evaluate("fetch('/static/nothing.css')")
    page.wait_for_timeout(200)

    seen = list(watch.faults)
    watch.faults.clear()

    assert f"answer 404: {watch.origin}/static/nothing.css" in seen


@pytest.mark.django_db(transaction=True)
def test_at_once_each_call_has_its_own_connection(at_once):
    def own() -> object:
        connection.ensure_connection()
        return connection.connection

    *connections, failure = at_once([own, own, own, lambda: 1 / 0])

    assert len({id(each) for each in connections}) == 3
    assert type(failure) is ZeroDivisionError
