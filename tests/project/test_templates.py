"""Every template: used by someone, without inline script or style, without a colour or a query of its own."""
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html")) + sorted((ROOT / "templates").rglob("*.txt"))
# Named by a library, not by our code: the folders that it looks into.
LIBRARY_FOLDERS = ("account/", "mfa/", "allauth/", "bootstrap5/", "django/", "crispy_forms/")
# Named by Django itself, and by allauth's throttling.
DJANGO_NAMES = {"400.html", "403.html", "404.html", "500.html", "403_csrf.html", "429.html"}

INLINE = {
    "style attribute": re.compile(r"<[^>]*\sstyle\s*="),
    "style element": re.compile(r"<style\b"),
    "event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "script with a body": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=[\"']application/json[\"'])[^>]*>", re.I),
    "javascript address": re.compile(r"javascript:", re.I),
    "outside address": re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)=[\"'](?:https?:)?//", re.I),
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT / "templates").as_posix()


def without_comments(text: str) -> str:
    return re.sub(r"{#.*?#}|{%\s*comment\b.*?endcomment\s*%}", "", text, flags=re.S)


def inline_faults(text: str) -> list[str]:
    return [fault for fault, pattern in INLINE.items() if pattern.search(without_comments(text))]


@pytest.mark.parametrize("path", [pytest.param(path, id=name_of(path)) for path in TEMPLATES])
def test_template_has_nothing_inline(path):
    assert inline_faults(path.read_text()) == []


@pytest.mark.parametrize(
    "text",
    ['<p style="a">', "<style>", "<a onclick='x'>", "<script>x</script>", '<a href="javascript:x">', '<script src="https://x.example/x.js"></script>', '<link href="//x.example/x.css">'],
)
def test_template_inline_fault_is_found(text):
    assert inline_faults(text) != []


def test_template_is_used_by_someone():
    """By code or another template: a component names itself in its comment on how to use it."""
    code = "\n".join(path.read_text() for app in ("accounts", "pilots", "services", "guidance", "summaries", "kopa_portal") for path in (ROOT / app).rglob("*.py"))
    texts = {name_of(path): without_comments(path.read_text()) for path in TEMPLATES}
    mails = {f"mails/{kind}.txt" for kind in re.findall(r'(?:kind=|kind = |else )"([\w/]+)"', code)}

    unused = [
        name
        for name in texts
        if name not in mails | DJANGO_NAMES
        and not name.startswith(LIBRARY_FOLDERS)
        and not any(f'"{name}"' in text or f"'{name}'" in text for text in (code, *(text for other, text in texts.items() if other != name)))
    ]

    assert unused == []


def test_template_of_a_library_overrides_one_of_its_own():
    """A template in a library's folder that the library does not have, and that nobody includes, is dead."""
    import allauth
    import crispy_bootstrap5
    import crispy_forms
    import django

    homes = [Path(package.__file__).parent for package in (allauth, crispy_bootstrap5, crispy_forms, django)]
    known = {path.as_posix().rpartition("/templates/")[2] for home in homes for path in home.rglob("templates/**/*") if path.is_file()}
    known |= {path.relative_to(home / "forms" / "jinja2").as_posix() for home in homes for path in (home / "forms" / "jinja2").rglob("*.html")}
    texts = "\n".join(path.read_text() for path in TEMPLATES)

    dead = [name for name in map(name_of, TEMPLATES) if name.startswith(LIBRARY_FOLDERS) and name not in known and f'"{name}"' not in texts]

    assert dead == []


def test_template_of_a_form_says_for_which_membership_it_was_opened():
    """A form about clients, or a component of forms, with a bare csrf_token would be stored in another organisation's name after a switch."""
    bare = [name_of(path) for path in TEMPLATES if name_of(path).startswith(("guidance/", "components/")) and "{% csrf_token %}" in path.read_text()]

    assert bare == []
