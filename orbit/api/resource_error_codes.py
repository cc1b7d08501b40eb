"""Codes that resources carry in `error.code`, beside those of the API's own errors.

`/docs/errors` shows both. The apps register theirs when they are ready.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """One code. `of`: the resource and its state, `a failed message`; a code of many states has
    an entry that names all."""

    code: str
    of: str
    title: str
    remedy: str


_registered: dict[str, Outcome] = {}


def register(outcomes: Iterable[Outcome]) -> None:
    _registered.update((each.code, each) for each in outcomes)


def registered() -> list[Outcome]:
    return list(_registered.values())


def find(code: str) -> Outcome | None:
    return _registered.get(code)
