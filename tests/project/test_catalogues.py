"""A start without compiled texts says so, and every text of the code can be collected: the portal would be in English, silently."""
import ast
import os
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core.checks import Tags, run_checks

PO, MO = "fi/LC_MESSAGES/django.po", "fi/LC_MESSAGES/django.mo"


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


TRANSLATES = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"}


def texts_out_of_reach(code: str) -> list[str]:
    """Texts that are translated while the portal runs, but that xgettext does not find: inside an f-string, or made of one."""
    found = []
    for node in ast.walk(ast.parse(code)):
        inside = ast.walk(node) if isinstance(node, ast.JoinedStr) else []
        found += [f"line {call.lineno}: inside an f-string" for call in inside if is_translation(call)]
        if is_translation(node) and any(isinstance(part, ast.JoinedStr) for part in node.args):
            found.append(f"line {node.lineno}: made of an f-string")
    return found


def is_translation(node: ast.AST) -> bool:
    name = getattr(node, "func", None) if isinstance(node, ast.Call) else None
    return getattr(name, "id", getattr(name, "attr", "")) in TRANSLATES


def test_no_text_is_hidden_in_an_f_string():
    root = Path(project.BASE_DIR)
    paths = [path for app in ("accounts", "pilots", "services", "guidance", "summaries", "kopa_portal") for path in sorted((root / app).rglob("*.py"))]

    found = {path.relative_to(root).as_posix(): faults for path in paths if (faults := texts_out_of_reach(path.read_text()))}

    assert len(paths) > 100
    assert found == {}


@pytest.mark.parametrize("code", ["f\"{_('Appointment')}\"", "f'a {name or gettext(\"file\")}'", "f'{ngettext(\"a\", \"b\", 2)}'", "_(f'Hello {name}')", "translation.gettext(f'x {y}')"])
def test_text_in_an_f_string_is_found(code):
    assert texts_out_of_reach(code) != []


@pytest.mark.parametrize("code", ["words = _('Appointment')\nf'{words}'", "_('Hello %(name)s') % {'name': f'{a} {b}'}", "f'{capfirst(words)}'"])
def test_text_beside_an_f_string_is_left_alone(code):
    assert texts_out_of_reach(code) == []
