"""Everything that holds every word of a text, as far as the reader may see it."""
from pilots.permissions import Acting
from pilots.registries import Asked, SearchGroup, search_sources
from pilots.words import query_words


def search_everything(text: str, acting: Acting) -> list[SearchGroup]:
    """Grouped by kind, in the order of the page; nothing for a text without a word. PostgreSQL takes no NUL: the caller leaves it out."""
    words = query_words(text)
    if not words:
        return []
    asked = Asked(text.strip(), words)
    return sorted((group for source in search_sources for group in source(asked, acting)), key=lambda group: group.place)
