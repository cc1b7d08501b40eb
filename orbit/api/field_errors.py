"""From a serializer's errors to one `ApiError` that names every bad field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from rest_framework import serializers
from rest_framework.settings import api_settings

from orbit.api.error_codes import ERROR_CODES
from orbit.api.errors import ApiError
from orbit.api.json_types import expected

WHOLE = "(body)"  # the name of faults that belong to no one field
MAX_ECHO = 100  # characters of a refused value that an answer shows
MAX_MESSAGE = 300
MAX_ERRORS = 50


@dataclass(frozen=True)
class Fault:
    path: tuple[str | int, ...]
    message: str
    code: str

    @property
    def field(self) -> str:
        """`addressing.long_code`, `members[2].sender`."""
        text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return sendable(text.lstrip(".")[:MAX_ECHO]) or WHOLE


def field_error(serializer: Any, errors: Mapping[str, Any], data: Any) -> ApiError:
    """Build the answer to a body or query string that a StrictSerializer refused:
    `{field, expected, errors, value}`.

    The first fault in the order in which the serializer declares its fields gives the code. Its
    value is echoed unless the field is one of `secret_fields` or is not known (a secret may have
    been sent under a misspelt name).
    """
    order = {name: place for place, name in enumerate(serializer.writable)}
    names = sorted(errors, key=lambda name: order.get(name, len(order)))
    secrets = frozenset(getattr(serializer, "secret_fields", ()))
    found_faults = (
        _without_secret(fault, data) if name in secrets else fault
        for name in names
        for fault in _flatten(errors[name], _start(name))
    )
    faults = list(islice(found_faults, MAX_ERRORS))
    first = faults[0]
    root = first.path[0] if first.path else None
    details: dict[str, Any] = {
        "field": first.field,
        "expected": _expected(serializer, first),
        "errors": [{"field": fault.field, "message": fault.message} for fault in faults],
    }
    if root in order and root not in secrets:
        found, value = _dig(data, first.path)
        if found:
            details["value"] = echo(value)
    return ApiError(_code(first.code), f"{first.field}: {first.message}", details=details)


def refused_value(field: str, value: Any, message: str, *, expected: str) -> ApiError:
    """The error for one value that only the database could judge: VALIDATION_ERROR on `field`."""
    return ApiError(
        "VALIDATION_ERROR",
        f"{field}: {message}",
        details={
            "field": field,
            "expected": expected,
            "errors": [{"field": field, "message": message}],
            "value": echo(value),
        },
    )


def echo(value: Any) -> Any:
    """The value as an answer may show it: at most 100 characters of it."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    if len(text) > MAX_ECHO:
        return sendable(text[: MAX_ECHO - 1]) + "…"
    return value if sendable(text) == text else sendable(text)


def sendable(text: str) -> str:
    """The text as UTF-8 can carry it: half a surrogate pair becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


def _code(code: str) -> str:
    if code == "required":
        return "MISSING_REQUIRED_FIELD"
    return code if code in ERROR_CODES else "VALIDATION_ERROR"


def _start(name: str) -> tuple[str | int, ...]:
    return () if name == api_settings.NON_FIELD_ERRORS_KEY else (name,)


def _flatten(errors: Any, path: tuple[str | int, ...]) -> Iterator[Fault]:
    if isinstance(errors, Mapping):
        for key, nested in errors.items():
            own = key == api_settings.NON_FIELD_ERRORS_KEY
            yield from _flatten(nested, path if own else (*path, key))
    elif isinstance(errors, Sequence) and not isinstance(errors, str):
        for place, nested in enumerate(errors):
            if isinstance(nested, Mapping):
                yield from _flatten(nested, (*path, place))
            else:
                yield from _flatten(nested, path)
    else:
        message = sendable(str(errors)[:MAX_MESSAGE])
        yield Fault(path, message, getattr(errors, "code", "invalid"))


def _without_secret(fault: Fault, data: Any) -> Fault:
    """A message of a secret field must not quote what was sent."""
    found, value = _dig(data, fault.path)
    if found and value not in (None, "", [], {}) and str(value) in fault.message:
        return Fault(fault.path, "Is not acceptable.", fault.code)
    return fault


def _dig(data: Any, path: tuple[str | int, ...]) -> tuple[bool, Any]:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return False, None
    return bool(path), data


def _expected(serializer: serializers.Serializer, fault: Fault) -> str:
    if not fault.path:
        return "a JSON object"
    field = serializer.writable.get(fault.path[0])
    if field is None:
        return "only known fields: " + ", ".join(serializer.writable)
    for part in fault.path[1:]:
        if field.help_text and not isinstance(field, serializers.Serializer):
            break
        inner = field.child if isinstance(part, int) and hasattr(field, "child") else None
        if isinstance(field, serializers.Serializer):
            inner = getattr(field, "writable", field.fields).get(part)
        if inner is None:
            break
        field = inner
    return expected(field)
