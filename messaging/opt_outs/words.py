"""Recognise texts that opt out, opt in or ask for help, by the words of `words.json`. Pure.

A text is compared as a whole, without case, width, diacritics (ARRÊT is ARRET), punctuation and
symbols, and without courtesies at its ends (`Stop, thanks`). If it says anything else, even a
number (`STOP 4711`), it is at most a near miss: it changes nothing, and a person looks at it.
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
_MARKS = ("Mn", "Me", "Cf")  # marks, and invisible characters that set direction or join
# Turkish dotless i, and the stroke that lengthens Arabic words.
_SAME = {"ı": "i", "\N{ARABIC TATWEEL}": ""}

Key = tuple[str, ...]
"""The words of a text, as they are compared."""


@dataclass(frozen=True)
class Word:
    """A keyword. `language`: "" for one of the organisation's own.

    `alone`: it has an everyday meaning too. So it makes no near miss, and gives way to a keyword of
    the number.
    """

    text: str
    kind: str
    language: str = ""
    alone: bool = False


@dataclass(frozen=True)
class Match:
    """A keyword found in a text. `whole`: the text says nothing else; otherwise it is a near
    miss."""

    word: Word
    whole: bool


def key(text: str) -> Key:
    """The words of a text for comparison: equal for texts that say the same."""
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
            said = said[:-1]  # the last word may be cut
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
        """Without courtesies at both ends; a word that is repeated counts once."""
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


def vocabulary(
    country: str | None,
    languages: Collection[str] = (),
    own: Mapping[str, Collection[str]] | None = None,
) -> Vocabulary:
    """The keywords for texts from a number of this country.

    `languages`: the organisation's choice, else those of the country. Words that count everywhere
    are always included. `own`: the organisation's words by kind, which come first.
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
    """Codes of the languages of this country, the main one first."""
    return [code for code, each in _LANGUAGES.items() if country in each["countries"]]


def reply_language(word: Word, country: str | None, languages: Collection[str] = ()) -> str:
    """The language of the answer: the word's, else the country's, else the organisation's, else
    English.

    `languages`: the organisation's choice.
    """
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
