"""Numbers and texts of people in part, for those who may not see them whole. Pure."""

from __future__ import annotations

import re
from typing import Any

HIDDEN = "…"
_BEGINNING, _END = 5, 2  # characters that stay, of a number with its +
# Not what stands inside an id: msg_0192….
_NUMBER = re.compile(r"(?<![0-9A-Za-z_+])\+?[0-9]{7,}(?![0-9A-Za-z_])")


def masked(number: str) -> str:
    """`+4915…67`: enough to tell two of them apart, too little to call one."""
    if len(number) < _BEGINNING + _END + 3:
        return HIDDEN
    return f"{number[:_BEGINNING]}{HIDDEN}{number[-_END:]}"


def masked_in(text: str) -> str:
    """The text with each number in it masked."""
    return _NUMBER.sub(lambda found: masked(found[0]), text)


def without_texts(value: Any) -> Any:
    """JSON with its numbers masked, and without the `metadata` and `body` of messages."""
    if isinstance(value, dict):
        return {
            name: _hidden(each) if name in ("body", "metadata") else without_texts(each)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [without_texts(each) for each in value]
    return masked_in(value) if isinstance(value, str) else value


def _hidden(value: Any) -> Any:
    return {} if isinstance(value, dict) else HIDDEN
