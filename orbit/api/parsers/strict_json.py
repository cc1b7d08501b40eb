"""JSON in, read strictly (RFC 8259, UTF-8)."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

MAX_DEPTH = 32
# Possessive, and with an end that is always there: no byte is looked at twice.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)


class StrictJSONParser(BaseParser):
    """Refuses what `json` lets through: NaN, Infinity, a name twice, other encodings.

    No body at all is `{}`, with or without a Content-Type.
    """

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None) -> Any:
        return parse(stream.read(), max_values=getattr(parser_context["view"], "max_values", None))


def parse(raw: bytes, *, max_values: int | None = None) -> Any:
    """Return the JSON value of `raw`, `{}` for nothing; raises ParseError (400).

    `max_values`: how many it may have in lists and objects, all together. They are counted before
    they are made, at a hundredth of what making them costs.
    """
    if not raw:
        return {}
    if max_values is not None and _has_more(raw, max_values):
        raise ParseError(f"The body has more than {max_values:,} values.")
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_float=_finite,
            parse_constant=_refuse_constant,
        )
    except UnicodeDecodeError:
        raise ParseError("The body is not UTF-8.") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ParseError(f"The body is not JSON: {error.msg} ({place}).") from None
    except (RecursionError, ValueError):  # ValueError: an integer of thousands of digits
        raise ParseError("The body is not JSON that is read here: too deep or too long.") from None
    if _depth_exceeds(value, MAX_DEPTH):
        raise ParseError(f"The body is nested more than {MAX_DEPTH} deep.")
    return value


def _has_more(raw: bytes, limit: int) -> bool:
    """Each value but the last of its list or object has a comma behind it."""
    if _separators(raw) <= limit:
        return False
    return _separators(_STRING.sub(b"", raw)) > limit  # those in texts do not count


def _separators(raw: bytes) -> int:
    return sum(map(raw.count, (b",", b"[", b"{")))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))
        raise ParseError(f"The body has the name {twice[:64]!r} twice in one object.")
    return names


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ParseError("The body has a number that is too large.")
    return number


def _refuse_constant(name: str) -> None:
    raise ParseError(f"The body is not JSON: {name} is no JSON number.")


def _depth_exceeds(value: Any, limit: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    if limit == 0:
        return True
    children = value.values() if isinstance(value, dict) else value
    return any(_depth_exceeds(child, limit - 1) for child in children)
