"""Word forms for search in Finnish and Swedish: what is stored of a text, and the condition that finds it."""
from pilots.words.passages import Piece, fullest, holds, marked, passage
from pilots.words.search import Alternatives, index_words, matches, matching, query_words, text_words

__all__ = ["Alternatives", "Piece", "fullest", "holds", "index_words", "marked", "matches", "matching", "passage", "query_words", "text_words"]
