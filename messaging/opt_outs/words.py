"""Texts that opt out, opt in or ask for help, by the words of `words.json`. Pure.

A text is compared as a whole: without case, width, marks (ARRÊT is ARRET), punctuation and symbols,
and without words of courtesy at its ends (`Stop, thanks`). Anything else beside the word, a number
too (`STOP 4711`), makes it a near miss at the most: that changes nothing, and a person looks at it.
"""

from __future__ import annotations

import functools
import json
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STOP, START, HELP = KINDS = ("stop", "start", "help")
MAX_WORD = 64  # characters of a word of the organisation's own, which may be several
MOST_WORDS = 12  # of a text that is compared as a whole
MOST_LOOKED_AT = 60  # words of a text in which near misses are looked for
_MOST_CHARACTERS = 1000
_APART = ("P", "S", "Z", "C")  # categories: punctuation, symbols, separators, controls
_MARKS = ("Mn", "Me", "Cf")  # a direction of writing and what joins characters, too
# What Turkish phones make of I, and what makes Arabic words longer.
_SAME = {"ı": "i", "\N{ARABIC TATWEEL}": ""}

Key = tuple[str, ...]
"""The words of a text, as they are compared."""


@dataclass(frozen=True)
class Word:
    """`language`: "" for a word of the organisation's own. `alone`: it has an everyday meaning too:
    no near miss among other words, and it gives way to a keyword of the number."""

    text: str
    kind: str
    language: str = ""
    alone: bool = False


@dataclass(frozen=True)
class Match:
    """`whole`: the text says nothing else; else it is a near miss."""

    word: Word
    whole: bool


def key(text: str) -> Key:
    """Equal for texts that say the same."""
    plain = unicodedata.normalize("NFKC", text[:_MOST_CHARACTERS]).casefold()
    plain = unicodedata.normalize("NFKD", plain)
    kept = []
    for each in plain:
        category = unicodedata.category(each)
        if category in _MARKS:
            continue
        kept.append(" " if category[0] in _APART else _SAME.get(each, each))
    return tuple("".join(kept).split())


class Vocabulary:
    """The words that count for one text."""

    def __init__(self, words: Iterable[Word], courtesy: Iterable[Key]) -> None:
        self._words: dict[Key, Word] = {}
        for each in words:
            self._words.setdefault(key(each.text), each)
        self._courtesy = sorted(courtesy, key=len, reverse=True)
        self._near = {
            spoken: word
            for spoken, word in self._words.items()
            if word.kind == STOP and not word.alone
        }

    def find(self, text: str) -> Match | None:
        said = key(text)
        if not said:
            return None
        if len(text) > _MOST_CHARACTERS:
            said = said[:-1]  # it may be cut
        elif word := self._words.get(said) or self._words.get(self._bare(said)):
            return Match(word, True)
        return self._near_miss(said[:MOST_LOOKED_AT])

    def _near_miss(self, said: Key) -> Match | None:
        for start in range(len(said)):
            for end in range(min(start + 4, len(said)), start, -1):
                if word := self._near.get(said[start:end]):
                    return Match(word, False)
        return None

    def _bare(self, said: Key) -> Key:
        """Without courtesy at both ends, and a word that is said again and again once."""
        while len(said) <= MOST_WORDS:
            for each in self._courtesy:
                count = len(each)
                if said[:count] == each:
                    said = said[count:]
                    break
                if said[-count:] == each:
                    said = said[:-count]
                    break
            else:
                break
        return said[:1] if len(set(said)) == 1 else said


def _load() -> dict[str, Any]:
    with (Path(__file__).parent / "words.json").open(encoding="utf-8") as file:
        return json.load(file)["languages"]


_LANGUAGES = _load()
LANGUAGES: tuple[str, ...] = tuple(_LANGUAGES)


def language_names() -> dict[str, str]:
    """By code (ISO 639-1), for people."""
    return {code: each["name"] for code, each in _LANGUAGES.items()}


def vocabulary(
    country: str | None,
    languages: Collection[str] = (),
    own: Mapping[str, Collection[str]] | None = None,
) -> Vocabulary:
    """The words for a text from a number of this country.

    `languages`: the organisation's choice; without one, those of the country. Words that count
    everywhere always do. `own`: the organisation's, by kind; they come first.
    """
    frozen = tuple((kind, tuple(words)) for kind, words in sorted((own or {}).items()))
    return _vocabulary(country or "", tuple(sorted(languages)), frozen)


@functools.lru_cache(maxsize=1024)
def _vocabulary(
    country: str, languages: tuple[str, ...], own: tuple[tuple[str, tuple[str, ...]], ...]
) -> Vocabulary:
    read = set(languages) or set(languages_of(country))
    found = [Word(text, kind) for kind, words in own for text in words]
    courtesy = []
    for code, each in _LANGUAGES.items():
        for kind in KINDS:
            found += [
                Word(word["word"], kind, code, word.get("alone", False))
                for word in each[kind]
                if code in read or word.get("everywhere")
            ]
        if code in read or code == "en":
            courtesy += map(key, each["courtesy"])
    return Vocabulary(found, courtesy)


def languages_of(country: str) -> list[str]:
    """Those that are spoken there, the main one first."""
    return [code for code, each in _LANGUAGES.items() if country in each["countries"]]


def reply_language(word: Word, country: str | None, languages: Collection[str] = ()) -> str:
    """In which language a text is answered: in that of the word, else of the country, else of the
    organisation, else in English. `languages`: the organisation's choice."""
    wanted = [word.language] if word.language not in ("", "en") else []
    wanted += [*languages_of(country or ""), *languages, "en"]
    may = set(languages) or set(LANGUAGES)
    return next((each for each in wanted if each in may), "en")


def reply(kind: str, language: str) -> str:
    """The standard answer."""
    return _LANGUAGES[language]["replies"][kind]


def checked(text: str) -> str:
    """A word of the organisation's own, as people write it. Raises ValueError."""
    if len(text) > MAX_WORD or not text.isprintable():
        raise ValueError(f"At most {MAX_WORD} printable characters are taken.")
    if not 1 <= len(key(text)) <= MOST_WORDS:
        raise ValueError("A keyword has letters or digits.")
    return text
