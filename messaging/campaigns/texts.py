"""`{{variables}}` in a text. Pure: plain substitution, no logic, and no value is looked into."""

from __future__ import annotations

import re
from collections.abc import Mapping

MAX_NAME = 64

_NAME = re.compile(r"[^{}\s](?:[^{}]*[^{}\s])?")
_PLACE = re.compile(r"\{\{([^{}]*)\}\}")
_WORD = re.compile(r"\w[\w .-]{0,63}")
_SINGLE = re.compile(r"(?<!\{)\{([^{}]*)\}(?!\})")


def name(text: str) -> str:
    """`text` if a variable may be called so: 1–64 printable characters, no braces, no spaces at
    its edges. Raises ValueError."""
    if not (text.isprintable() and len(text) <= MAX_NAME and _NAME.fullmatch(text)):
        raise ValueError(
            f"A variable's name has 1–{MAX_NAME} printable characters, no braces, and no spaces at "
            "its edges."
        )
    return text


def names(body: str) -> frozenset[str]:
    """The variables that a text needs. Raises ValueError where braces mean none."""
    found = set()
    end = 0
    for place in _PLACE.finditer(body):
        _check_plain(body, end, place.start())
        try:
            found.add(name(place[1].strip()))
        except ValueError as error:
            raise ValueError(f"At character {place.start() + 1}: {error}") from None
        end = place.end()
    _check_plain(body, end, len(body))
    return frozenset(found)


def single(body: str) -> list[str]:
    """Names in single braces, each once, in order: plain text, that may be meant as variables.
    What can't be a name (`{ }`, JSON) is none."""
    found = (place[1].strip() for place in _SINGLE.finditer(body))
    return list(dict.fromkeys(each for each in found if _WORD.fullmatch(each)))


def render(body: str, variables: Mapping[str, str]) -> str:
    """The text with its variables filled in, once: braces in a value stay what they are.

    `body` has been through `names`. Raises KeyError for a variable that is not there.
    """
    return _PLACE.sub(lambda place: variables[place[1].strip()], body)


def _check_plain(body: str, start: int, end: int) -> None:
    """No double braces between two variables: somebody meant one there."""
    for braces in ("{{", "}}"):
        place = body.find(braces, start, end)
        if place >= 0:
            raise ValueError(
                f"At character {place + 1}: {braces} that belongs to no {{{{variable}}}}."
            )
