"""What Jasmin 0.11.0 said, word for word: tests/transcripts/KIND/CASE.txt.

A file is a session as a person sees it: `jcli : ` or `> ` with what was typed behind it, then the
answer. `{port}` stands for a port where a carrier listens, `{…}` for what is different each time.
`test_transcripts.py` types every file into a real Jasmin and compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.reconciler.jcli.wire import INSIDE, TOP

FOLDER = Path(__file__).resolve().parents[2] / "transcripts"

_VOLATILE = re.compile(r"(?<=_at)( +)\d{4}-.*|(?<=^logfile) \S.*")


@dataclass(frozen=True)
class Exchange:
    """A typed line with its prompt, and the answer."""

    prompt: str
    typed: str
    answer: tuple[str, ...]


def cases() -> list[str]:
    """Return the names of all transcripts, such as `users/lists`."""
    return sorted(str(file.relative_to(FOLDER).with_suffix("")) for file in FOLDER.glob("*/*.txt"))


def load(case: str) -> list[Exchange]:
    exchanges: list[Exchange] = []
    for line in (FOLDER / f"{case}.txt").read_text().removesuffix("\n").split("\n"):
        prompt = next((prompt for prompt in (TOP, INSIDE) if line.startswith(prompt)), None)
        if prompt:
            exchanges.append(Exchange(prompt, line.removeprefix(prompt), ()))
        else:
            last = exchanges.pop()
            exchanges.append(Exchange(last.prompt, last.typed, (*last.answer, line)))
    return exchanges


def reply(case: str, typed: str) -> list[str]:
    """Return Jasmin's last answer to `typed` in that session, as our console client returns it."""
    answers = [each.answer for each in load(case) if each.typed == typed]
    return [line.rstrip() for line in answers[-1] if line.strip()]


def masked(answer: Iterable[str]) -> tuple[str, ...]:
    """Return the answer without the parts that differ each time."""
    return tuple(_VOLATILE.sub(r"\1{…}", line) for line in answer)
