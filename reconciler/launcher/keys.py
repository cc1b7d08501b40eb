"""Keys of a connector that only the launcher has: typed like Jasmin's own, shown by `smppccm -s`.

Jasmin's fault (protocols/cli/smppccm.py:16): a connector has no key for what carriers agree upon,
such as how many submits may be in flight. Those of Jasmin that nobody uses mean something to the
carrier, so that none can be lent for it.

The cure: keys of our own, with defaults that a store written by a stock Jasmin gets too. A stock
Jasmin that loads a store of ours keeps them and shows nothing of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from jasmin.protocols.cli import smppccm
from jasmin.protocols.smpp.configs import SMPPClientConfig, UnknownValue

MAX_WINDOW = 1000

_LANE = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def _is_window(value: Any) -> bool:
    return isinstance(value, int) and 1 <= value <= MAX_WINDOW


def _is_lane(value: Any) -> bool:
    return value is None or (isinstance(value, str) and _LANE.fullmatch(value) is not None)


_checks: dict[str, tuple[Any, Callable[[Any], bool], str]] = {}


def add(key: str, is_right: Callable[[Any], bool], wanted: str, default: Any = None) -> None:
    """`wanted` says what to write; without a default the value is a text."""
    _checks[key] = (default, is_right, wanted)
    setattr(SMPPClientConfig, key, default)
    smppccm.SMPPClientConfigKeyMap[key] = key
    if default is None:
        smppccm.SMPPClientConfigStringKeys.append(key)  # "123" stays a text


def correct() -> None:
    make = SMPPClientConfig.__init__

    def make_with_keys(self: SMPPClientConfig, **given: Any) -> None:
        make(self, **given)
        for key, (default, is_right, wanted) in _checks.items():
            value = given.get(key, default)
            if not is_right(value):
                raise UnknownValue(f"{key} must be {wanted}")
            setattr(self, key, value)

    SMPPClientConfig.__init__ = make_with_keys
    add("window", _is_window, f"a number from 1 to {MAX_WINDOW}", default=1)
    add("lane", _is_lane, "1 to 64 of A-Z a-z 0-9 _ . -")
