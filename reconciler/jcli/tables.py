"""Reading what the console prints: `#` tables with their total, `key value` listings. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reconciler.jcli.errors import Garbled

_TOTAL = re.compile(r"Total [A-Za-z ]+: (\d+)")


def rows(reply: Sequence[str], *, header: str) -> list[str]:
    """Return the rows of a list without `#`; every list ends with `Total …: N`.

    A list without the right total is incomplete, and must never look like an empty one.
    """
    total = _TOTAL.fullmatch(reply[-1]) if reply else None
    if total is None:
        raise Garbled(f"a list ended without its total: {header}")
    found = [line[1:] for line in reply[:-1] if line.startswith("#")]
    if found and found[0].startswith(header):
        found = found[1:]
    if len(found) != int(total.group(1)):
        raise Garbled(f"a list says {total.group(1)} rows and has {len(found)}: {header}")
    return found


def settings(reply: Sequence[str], *, keys: int = 1) -> dict[str, str]:
    """Return `key value` lines as a dict; `keys` words make the key (3 in `user -s`)."""
    found = {}
    for line in reply:
        words = line.split(" ", keys)
        found[" ".join(words[:keys])] = words[keys] if len(words) > keys else ""
    return found


def table(reply: Sequence[str]) -> dict[str, str]:
    """Return the two columns of a `stats` table, `#Item` to `Value`."""
    found = {}
    for line in reply:
        name, _, value = line.removeprefix("#").partition(" ")
        found[name] = value.strip()
    return found
