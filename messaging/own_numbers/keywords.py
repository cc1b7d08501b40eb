"""Keywords: the first word of a text says what it is about. Pure.

Words are compared without case and width (NFKC), as they stand and without the punctuation around
them: `Info!` is `INFO`, and `#1` is a word of its own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

MAX_KEYWORDS = 50
MAX_WORD = 32  # characters
_EDGES = ("P", "S", "Z", "C")  # categories: punctuation, symbols, separators, control characters


def word(text: str) -> str:
    """A keyword as people write it. Raises ValueError."""
    if not 1 <= len(text) <= MAX_WORD or any(each.isspace() for each in text):
        raise ValueError(f"A keyword is one word of 1–{MAX_WORD} characters, without spaces.")
    if not text.isprintable():
        raise ValueError("A keyword has printable characters alone.")
    return text


def key(text: str) -> str:
    """Equal for words that are the same keyword."""
    return unicodedata.normalize("NFKC", text).casefold()


def find(keywords: Sequence[dict[str, Any]], body: str) -> dict[str, Any] | None:
    """The keyword that a text begins with."""
    words = body.split(maxsplit=1)
    if not words or not keywords:
        return None
    known = {key(each["word"]): each for each in reversed(keywords)}
    first = key(words[0])
    return known.get(first) or known.get(_bare(first))


def first_repeated(words: Sequence[str]) -> tuple[int, int] | None:
    """Places of a word that is there twice: the second, and the first."""
    seen: dict[str, int] = {}
    for place, each in enumerate(words):
        if (first := seen.setdefault(key(each), place)) != place:
            return place, first
    return None


def _bare(text: str) -> str:
    start, end = 0, len(text)
    while start < end and unicodedata.category(text[start])[0] in _EDGES:
        start += 1
    while end > start and unicodedata.category(text[end - 1])[0] in _EDGES:
        end -= 1
    return text[start:end]
