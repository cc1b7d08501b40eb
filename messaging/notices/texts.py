"""What a notice says: title and body. An organisation is told of what is its own alone. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

NAMED = 20  # of what is touched; the page has all
CHANGES = 10


@dataclass(frozen=True)
class Told:
    """`reader`: the organisation that is told, "" for operators. `link`: only operators have the
    console. `changes`: None where the audit can't be read."""

    what: str
    why: str
    advice: str
    since: datetime
    until: datetime | None
    touches: Sequence[Sequence[str]]
    changes: Sequence[Mapping[str, Any]] | None
    link: str = ""
    reader: str = ""


def title(told: Told) -> str:
    said = f"Over: {told.what}" if told.until else told.what
    return " ".join(said.split())  # one line, of a mail's head


def body(told: Told) -> str:
    is_shared = any(whose not in ("", told.reader) for whose, _ in told.touches)
    own = [name for whose, name in told.touches if told.reader in ("", whose)]
    lines = [f"Since {told.since:%Y-%m-%d %H:%M} UTC."]
    if told.until:
        lines.append(f"Over since {told.until:%Y-%m-%d %H:%M} UTC.")
    if told.why and not (told.reader and is_shared):  # it may be about others
        lines.append(f"Why: {told.why}")
    if own:
        more = f" and {len(own) - NAMED} more" if len(own) > NAMED else ""
        lines.append(f"It touches {len(own)}: {', '.join(own[:NAMED])}{more}.")
    if not told.until:
        lines.append(f"What to do: {told.advice}")
        lines += _changes(told)
    if told.link and not told.reader:
        lines.append(told.link)
    return "\n".join(lines)


def _changes(told: Told) -> list[str]:
    if told.changes is None:
        return []
    visible = [each for each in told.changes if told.reader in ("", each["organization_id"])]
    if not visible:
        return ["Nothing was changed in the hour before."]
    said = [
        f"- {each['at']} {each['action']} {each['target']} ({each['actor']})" for each in visible
    ]
    return ["Changed in the hour before:", *said[:CHANGES]]
