"""Codes in `error.code` of resources (a failed message), besides those of the API's own errors.

`/docs/errors` shows both. Apps register theirs when they are ready.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class ResourceErrorCode:
    """One code. `of`: the resource and its state, such as `a failed message`; a code of several
    states has one entry that names them all."""

    code: str
    of: str
    title: str
    remedy: str


_registered: dict[str, ResourceErrorCode] = {}


def register(codes: Iterable[ResourceErrorCode]) -> None:
    _registered.update((each.code, each) for each in codes)


def registered() -> list[ResourceErrorCode]:
    return list(_registered.values())


def find(code: str) -> ResourceErrorCode | None:
    return _registered.get(code)
