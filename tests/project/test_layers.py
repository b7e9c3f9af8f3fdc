"""The order of the rooms: apps name only what stands below them, files inside an app only what stands above them in the list.

Read from the code itself: imports (function-level ones too), `get_model`, URL names in code and templates, and string
foreign keys.
"""
import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ["accounts", "pilots", "services", "guidance", "summaries", "kopa_portal"]
# Inside an app: a file may name those before it and its own. A package counts as its name.
FILES = [
    "choices",
    "wording",
    "addresses",
    "passwords",
    "identity_providers",
    "sorting",
    "words",
    "markdown",
    "map",
    "charts",
    "append_only",
    "fixed",
    "sessions",
    "photos",
    "models",
    "registries",
    "personal",
    "identification",
    "second_factor",
    "logs",
    "seals",
    "jobs",
    "replica",
    "operation",
    "conflicts",
    "converters",
    "figures",
    "suppression",
    "attachments",
    "outline",
    "tables",
    "permissions",
    "notifications",
    "reading",
    "suppression",
    "queries",
    "own",
    "busy",
    "documents",
    "actions",
    "own_identity",
    "loading",
    "filters",
    "forms",
    "provider",
    "adapter",
    "identity_adapter",
    "middleware",
    "acting",
    "unavailable",
    "bodies",
    "icons",
    "templatetags",
    "sections",
    "navigation",
    "gallery",
    "pages",
    "views",
    "urls",
    "api",
    "formats",
    "settings",
    "backups",
    "checks",
    "apps",
    "wsgi",
    "management",
    "demo",
    "migrations",
]
FORBIDDEN_NAMES = {"services.py", "utils.py", "helpers.py", "managers.py", "signals.py", "common"}
URL_NAMESPACES = {"account": "accounts", "pilots": "pilots", "services": "services", "guidance": "guidance", "own": "guidance", "summaries": "summaries"}


def project_files(suffix: str) -> list[Path]:
    return [path for app in APPS for path in sorted((ROOT / app).rglob(f"*{suffix}")) if (ROOT / app).is_dir()]


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every imported dotted name, relative ones made absolute."""
    package = path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def named_apps(path: Path) -> Iterator[tuple[int, str]]:
    """Apps that a file names: by import, by `app.Model` or `app:url` in a string."""
    for line, name in imports(path):
        yield line, name.split(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if match := re.fullmatch(r"(\w+)[.:][\w.:]+", node.value):
                yield node.lineno, match[1]
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get_model" and node.args:
            if isinstance(node.args[0], ast.Constant):
                yield node.lineno, str(node.args[0].value).split(".")[0]


def upward_names(path: Path) -> list[str]:
    own = path.relative_to(ROOT).parts[0]
    return [
        f"{path.relative_to(ROOT)}:{line} names {app}"
        for line, app in named_apps(path)
        if app in APPS and APPS.index(app) > APPS.index(own) and path.relative_to(ROOT).parts[:2] != ("kopa_portal", "settings")
    ]


def place(module: str) -> int:
    return FILES.index(module)


def downward_files(path: Path) -> list[str]:
    app, module = path.relative_to(ROOT).with_suffix("").parts[:2]
    found = []
    for line, name in imports(path):
        parts = name.split(".")
        if parts[0] == app and len(parts) > 1 and parts[1] in FILES and place(parts[1]) > place(module):
            found.append(f"{path.relative_to(ROOT)}:{line} names {name}")
    return found


def test_layers_code_names_only_lower_apps():
    found = [problem for path in project_files(".py") for problem in upward_names(path)]

    assert found == []


def test_layers_templates_name_only_lower_apps():
    found = []
    for app in APPS:
        for path in sorted((ROOT / "templates" / app).rglob("*.html")):
            for name in re.findall(r"{%\s*url\s+['\"](\w+):", path.read_text()):
                if APPS.index(URL_NAMESPACES.get(name, app)) > APPS.index(app):
                    found.append(f"{path.relative_to(ROOT)} names {name}:")

    assert found == []


def test_layers_files_of_an_app_import_downwards():
    found = []
    for path in project_files(".py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if len(parts) == 2 and parts[1] == "__init__":
            continue
        assert parts[1] in FILES, f"{path.relative_to(ROOT)}: give this module its place in FILES"
        if parts[1] not in ("apps", "management", "migrations"):
            found += downward_files(path)

    assert found == []


def test_layers_kopa_portal_is_imported_by_nobody():
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in project_files(".py")
        for line, name in imports(path)
        if name.split(".")[0] == "kopa_portal" and path.relative_to(ROOT).parts[0] != "kopa_portal"
    ]

    assert found == []


def test_layers_no_module_without_a_noun():
    names = {part for path in project_files(".py") for part in path.relative_to(ROOT).parts[1:]}

    assert names & FORBIDDEN_NAMES == set()


def test_layers_no_signals():
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in project_files(".py")
        for line, name in imports(path)
        if name.startswith(("django.dispatch", "django.db.models.signals", "django.contrib.auth.signals", "allauth.account.signals"))
    ]

    assert found == []


@pytest.mark.parametrize("text,expected", [("from summaries import x", 1), ("def f():\n    import guidance.models", 1), ("KEY = 'services.Booking'", 1), ("from accounts import x", 0)])
def test_layers_upward_name_is_found(tmp_path, monkeypatch, text, expected):
    """The guard itself can fail: a made file of pilots that names an upper app is told."""
    monkeypatch.setattr("tests.project.test_layers.ROOT", tmp_path)
    path = tmp_path / "pilots" / "made.py"
    path.parent.mkdir()
    path.write_text(text)

    assert len(upward_names(path)) >= expected if expected else upward_names(path) == []
