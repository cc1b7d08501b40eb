"""Commands as values: the lines to type and the line that proves success.

Jasmin's console has no quoting. A line break starts a new command with admin rights, control
characters edit the line, bytes above 0x7e vanish, spaces at the edges are cut and the word
`none` becomes null. So each value is checked here again, just before it is typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from reconciler.jcli.errors import Untypable

# `MAX_VALUE` bounds what people write; lists of ours grow with an organisation's carriers and
# countries up to `MAX_LINE`: 20,000 connectors, more than a gateway holds. Jasmin's console has no
# limit of its own. It reads a character in 2 µs, and stands still meanwhile.
MAX_VALUE, MAX_LINE = 255, 500_000
_PRINTABLE = re.compile(r"[\x20-\x7e]*")
_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,25}")


@dataclass(frozen=True)
class Command:
    """One command: a single line, or a session from its opener to `ok`.

    - `success`: the line that Jasmin prints only when it did it.
    - `also`: other lines that mean that the wanted state holds (`Unknown User: x` on removal).
    """

    lines: tuple[str, ...] = field(repr=False)
    success: str
    also: tuple[str, ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def redact(self, text: str) -> str:
        """Return `text` with the secrets of this command blanked."""
        for secret in self.secrets:
            text = text.replace(secret, "********")
        return text


class Null:
    """Jasmin's null, which the console spells `none`. A customer's text never becomes it."""

    def __str__(self) -> str:
        return "none"


NULL = Null()


def check_line(line: str) -> str:
    """Return `line` if it is one line of the console and nothing else; the last guard."""
    if not _PRINTABLE.fullmatch(line) or len(line) > MAX_LINE:
        raise Untypable(f"console line: not printable ASCII, or over {MAX_LINE} characters")
    return line


def check_value(name: str, value: str, limit: int = MAX_VALUE) -> str:
    """Return `value` if it arrives in Jasmin as it is; raise Untypable naming `name` if not.

    The value itself is not in the error: it may be a secret.
    """
    if not _PRINTABLE.fullmatch(value):
        raise Untypable(f"{name}: only printable ASCII can be typed into the console")
    if value != value.strip(" "):
        raise Untypable(f"{name}: the console cuts spaces at the edges")
    if len(value) > limit:
        raise Untypable(f"{name}: longer than {limit} characters")
    if value.lower() == "none":
        raise Untypable(f"{name}: the console reads the word none as null")
    return value


def check_identifier(name: str, value: str) -> str:
    """Return `value` if it can be an id in the console (no quoting there: no spaces in ids)."""
    if not _IDENTIFIER.fullmatch(value):
        raise Untypable(f"{name}: not an id that the console takes")
    return value


def session(
    opener: str,
    settings: Iterable[tuple[str, str | Null]],
    *,
    limit: int = MAX_VALUE,
    limits: Mapping[str, int] = MappingProxyType({}),
) -> tuple[str, ...]:
    """The lines of a console session that sets `key value` pairs and saves them.

    `limits`: of keys that have one of their own.
    Raises Untypable here, where it is one command's: a line that the console refuses would take
    all others of its write with it.
    """
    lines = [opener]
    for key, value in settings:
        typed = (
            str(value)
            if isinstance(value, Null)
            else check_value(key, value, limits.get(key, limit))
        )
        lines.append(check_line(f"{key} {typed}".rstrip(" ")))
    return (*lines, "ok")
