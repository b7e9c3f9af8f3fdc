"""Text that people write, as Markdown with a safe subset: headings, lists, emphasis, quotations, links and rules.

Two gates, each enough by itself: the parser makes no HTML of the writer's and no picture, and nh3 lets through only
what is named here. Anything else stays on the page as it was written.
"""
import re
from collections.abc import Iterator
from functools import cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

# The page has the only h1 and its sections the h2.
FIRST_LEVEL, LAST_LEVEL = 3, 6
ADDRESS = re.compile(r"(?<![\w/])https?://[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?#][^\s<>\"']*)?", re.IGNORECASE)
SENTENCE_ENDS = ".,;:!?*_"
LINK = re.compile(r"(?:https?://|mailto:)[^\s]", re.IGNORECASE)
# Indented text and definitions of links are mistakes more often than meant, and would change or swallow what was written.
SWITCHED_OFF = ("html_block", "html_inline", "image", "code", "fence", "reference")
TAGS = {"p", "br", "h3", "h4", "h5", "h6", "ul", "ol", "li", "strong", "em", "blockquote", "code", "hr", "a"}
# Without the star nh3 lets `title` and `lang` through on everything.
ATTRIBUTES = {"*": set(), "a": {"href"}, "ol": {"start"}}


def rendered(text: str, first_level: int = FIRST_LEVEL) -> SafeString:
    """The text as safe HTML; its highest heading becomes h`first_level`, so that none stands above the page's own."""
    return mark_safe(cleaned(written_as_html(text, first_level)))


def written_as_html(text: str, first_level: int = FIRST_LEVEL) -> str:
    """The first gate alone."""
    tokens = _parser().parse(text)
    for token in tokens:
        if token.type == "inline" and token.children:
            token.children = list(_with_links(token.children))
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    down = first_level - min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(max(int(token.tag[1]) + down, first_level), LAST_LEVEL)}"
    return _parser().renderer.render(tokens, _parser().options, {})


def _with_links(pieces: list[Token]) -> Iterator[Token]:
    """An address that stands in the text as it is becomes a link, but inside a link and in code it stays. What ends a sentence is not of it."""
    depth = 0
    for piece in pieces:
        depth += piece.nesting if piece.type in ("link_open", "link_close") else 0
        if piece.type != "text" or depth:
            yield piece
            continue
        here = 0
        for found in ADDRESS.finditer(piece.content):
            url = found[0].rstrip(SENTENCE_ENDS)
            if url.count(")") > url.count("("):
                url = url.rstrip(")").rstrip(SENTENCE_ENDS)
            link = _parser().normalizeLink(url)
            if not _parser().validateLink(link):
                continue
            yield _text(piece.content[here : found.start()])
            yield Token("link_open", "a", 1, attrs={"href": link})
            yield _text(url)
            yield Token("link_close", "a", -1)
            here = found.start() + len(url)
        yield _text(piece.content[here:])


def _text(words: str) -> Token:
    return Token("text", "", 0, content=words)


def cleaned(html: str) -> str:
    """The second gate alone."""
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel="nofollow noopener noreferrer")


def plain(text: str) -> str:
    """The words without their marks, for lists, searching and mails: one line."""
    return " ".join(" ".join(_words(_parser().parse(text))).split())


def _words(tokens: list[Token]) -> list[str]:
    return ["".join(" " if child.type in ("softbreak", "hardbreak") else child.content for child in token.children or []) for token in tokens if token.type == "inline"]


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(list(SWITCHED_OFF))
    parser.validateLink = lambda url: LINK.match(url) is not None  # type: ignore[method-assign]
    return parser
