"""A text with `{{variables}}`: plain substitution, no logic, and values are not parsed. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice

MAX_NAME = 64  # characters
MAX_VARIABLES = 50  # of a recipient, and so of a text: a text with more could never be started
MAX_SINGLE = 20  # names in single braces that are looked for

_NAME = re.compile(r"[^{}\s](?:[^{}]*[^{}\s])?")
_PLACE = re.compile(r"\{\{([^{}]*)\}\}")
_WORD = re.compile(r"\w[\w .-]{0,63}")
_SINGLE = re.compile(r"(?<!\{)\{([^{}]*)\}(?!\})")


def checked_name(text: str) -> str:
    """`text` if a variable may be called so: 1–64 printable characters, no braces, no spaces at
    its edges. Raises ValueError."""
    if not (text.isprintable() and len(text) <= MAX_NAME and _NAME.fullmatch(text)):
        raise ValueError(
            f"A variable's name has 1–{MAX_NAME} printable characters, no braces, and no spaces at "
            "its edges."
        )
    return text


def variable_names(body: str) -> frozenset[str]:
    """The variables that a text names. Raises ValueError for double braces without a name."""
    found = set()
    end = 0
    for place in _PLACE.finditer(body):
        _check_plain(body, end, place.start())
        try:
            found.add(checked_name(place[1].strip()))
        except ValueError as error:
            raise ValueError(f"At character {place.start() + 1}: {error}") from None
        end = place.end()
    _check_plain(body, end, len(body))
    return frozenset(found)


def single_brace_names(body: str) -> list[str]:
    """Names in single braces, each once, in order, at most `MAX_SINGLE`: plain text that may be
    meant as variables. Braces around anything that can't be a name (`{ }`, JSON) do not count."""
    found = (place[1].strip() for place in _SINGLE.finditer(body))
    once = dict.fromkeys(each for each in found if _WORD.fullmatch(each))
    return list(islice(once, MAX_SINGLE))


class Template:
    """A text that is parsed once and rendered for many recipients.

    `body` has been through `variable_names`. Each method raises KeyError for a variable that is not
    there; braces in a value stay as they are.
    """

    def __init__(self, body: str) -> None:
        # Alternating plain text and names, as from `re.split`.
        parts = _PLACE.split(body)
        self.plain: list[str] = parts[::2]
        self._places = [name.strip() for name in parts[1::2]]
        self.uses = Counter(self._places)
        """How often the text names each variable."""
        self._fixed = sum(map(len, self.plain))

    def length(self, variables: Mapping[str, str]) -> int:
        """Number of characters of the rendered text, without rendering it."""
        return self._fixed + sum(len(variables[name]) * n for name, n in self.uses.items())

    def render(self, variables: Mapping[str, str]) -> str:
        """The text with the values of its variables."""
        return "".join(self._pieces(variables))

    def beginning(self, variables: Mapping[str, str], characters: int) -> str:
        """The first `count` characters of the rendered text; the rest is not rendered."""
        found, left = [], characters
        for piece in self._pieces(variables):
            if left <= 0:
                break
            found.append(piece[:left])
            left -= len(piece)
        return "".join(found)

    def _pieces(self, variables: Mapping[str, str]) -> Iterator[str]:
        for plain, name in zip(self.plain, self._places, strict=False):
            yield plain
            yield variables[name]
        yield self.plain[-1]


def _check_plain(body: str, start: int, end: int) -> None:
    """Raises ValueError on double braces between two variables: they are meant as one."""
    for braces in ("{{", "}}"):
        place = body.find(braces, start, end)
        if place >= 0:
            raise ValueError(
                f"At character {place + 1}: {braces} that belongs to no {{{{variable}}}}."
            )
