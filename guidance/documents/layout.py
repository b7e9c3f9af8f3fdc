"""One fixed layout for text to copy and for paper: headings in their order, each with labelled facts or lines."""
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Block:
    heading: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.facts or self.lines)


@dataclass(frozen=True)
class Document:
    title: str
    made: str
    blocks: list[Block]

    def as_text(self) -> str:
        """For the systems where the law wants it written: plain lines that any form takes."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield self.title
        yield self.made
        for block in self.blocks:
            yield ""
            yield block.heading.upper()
            yield from (f"{label}: {value}" for label, value in block.facts)
            yield from (f"- {line}" for line in block.lines)
