"""The promises of static/css/colours.css: each pair has its contrast in light and in dark, and no colour value lies elsewhere."""
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
COLOURS = ROOT / "static" / "css" / "colours.css"
ROLE = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
PAIR = re.compile(r"pair: ([\w-]+) on ([\w-]+) ([\d.]+)")
NAMED = "black|white|red|green|blue|yellow|orange|grey|gray|silver|navy|teal|maroon|purple|olive|brown|pink"
VALUE = re.compile(rf"#[0-9a-f]{{3,8}}\b|\b(?:rgb|rgba|hsl|hsla|hwb|lab|lch|oklab|oklch|color|light-dark)\(|(?<=[:\s\"'])(?:{NAMED})(?=[;\s\"'])", re.I)


def roles(css: str) -> dict[str, tuple[str, str]]:
    return {name: (light, dark) for name, light, dark in ROLE.findall(css)}


def pairs(css: str) -> list[tuple[str, str, float]]:
    return [(text, ground, float(least)) for text, ground, least in PAIR.findall(css)]


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def broken_promises(css: str) -> list[str]:
    values = roles(css)
    return [
        f"{text} on {ground} in {scheme}: {contrast(values[text][at], values[ground][at]):.2f}, promised {least}"
        for text, ground, least in pairs(css)
        for at, scheme in enumerate(("light", "dark"))
        if contrast(values[text][at], values[ground][at]) < least
    ]


def colour_values(text: str) -> list[str]:
    return [match.group() for match in VALUE.finditer(re.sub(r"/\*.*?\*/|{#.*?#}|{%\s*comment\b.*?endcomment\s*%}|href=\"#[^\"]*\"|url\(#[^)]*\)", "", text, flags=re.S))]


def test_colour_pairs_keep_their_contrast():
    assert broken_promises(COLOURS.read_text()) == []


def test_colour_pairs_are_computed_as_wcag_does():
    assert contrast("#000000", "#ffffff") == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54
    assert broken_promises("--a: light-dark(#777777, #ffffff);\n--b: light-dark(#ffffff, #000000);\n/* pair: a on b 4.5 */") == ["a on b in light: 4.48, promised 4.5"]


def test_colour_roles_each_have_a_promise():
    css = COLOURS.read_text()
    promised = {name for text, ground, _least in pairs(css) for name in (text, ground)}

    assert set(roles(css)) == promised


def test_colour_roles_are_all_read():
    """A role written in another way than the others would escape the promises."""
    css = re.sub(r"/\*.*?\*/", "", COLOURS.read_text(), flags=re.S)

    assert len(re.findall(r"#[0-9a-f]{3,8}", css, re.I)) == 2 * len(roles(css))


def test_colour_roles_in_use_exist():
    known = set(roles(COLOURS.read_text()))
    own = {"step", "measure", "frame-width", "gutter", "radius"}
    for path in (ROOT / "static" / "css").glob("*.css"):
        text = path.read_text()
        local = set(re.findall(r"(--[\w-]+)\s*:", text))
        used = {name for name in re.findall(r"var\(--([\w-]+)", text) if not name.startswith("bs-") and f"--{name}" not in local}

        assert used <= known | own, path.name


@pytest.mark.parametrize("folder, pattern", [("static/css", "*.css"), ("templates", "*.html")])
def test_colour_values_lie_in_one_file(folder, pattern):
    found = {path.relative_to(ROOT).as_posix(): values for path in (ROOT / folder).rglob(pattern) if path != COLOURS and (values := colour_values(path.read_text()))}

    assert found == {}


def test_colour_values_in_pictures_are_those_of_roles():
    """A picture in a file of its own cannot read custom properties; it may repeat a role's value."""
    known = {value for both in roles(COLOURS.read_text()).values() for value in both}
    pictures = list((ROOT / "static").rglob("*.svg"))

    assert pictures
    assert {value for path in pictures for value in colour_values(path.read_text())} <= known


@pytest.mark.parametrize("text", ["a { color: #fff; }", "a { color: red; }", '<path fill="white">', "a { border: 1px solid rgb(1 2 3); }", "a { color: light-dark(a, b); }"])
def test_colour_value_is_found(text):
    assert colour_values(text) != []
