"""The settings of several binds: checks across fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from messaging.credentials.models import Credential, sessions_of
from orbit.api.errors import ApiError

_BINDS = ("binds", "max_binds", "bind_type")
_PLACES = ("host", "port", "backups")


def check(fields: Mapping[str, Any], stored: Credential | None = None) -> None:
    """Check `fields` of a request together with the stored ones. Raises VALIDATION_ERROR."""

    def value(name: str) -> Any:
        if name in fields:
            return fields[name]
        return getattr(stored, name) if stored else Credential._meta.get_field(name).get_default()

    if named := [name for name in _BINDS if name in fields]:
        _check_binds(named[0], value("binds"), value("bind_type"), value("max_binds"))
    if named := [name for name in _PLACES if name in fields]:
        own, backups = (value("host"), value("port")), value("backups")
        for number, each in enumerate(backups):
            if (each["host"], each["port"]) == own:
                name = f"backups[{number}].host" if "backups" in fields else named[0]
                raise _fault(
                    name,
                    "One of the backups is the credential's own host and port: leave it out.",
                    "other hosts in backups than the credential's own",
                )


def _check_binds(name: str, binds: int, bind_type: str, most: int | None) -> None:
    wanted = binds * sessions_of(bind_type)
    if most is None or wanted <= most:
        return
    pairs = " (a pair is two)" if wanted > binds else ""
    raise _fault(
        name,
        f"These are {wanted} binds{pairs}, and the carrier allows {most} (`max_binds`): lower "
        "`binds`, or ask the carrier for more and set `max_binds` to that.",
        "no more binds than `max_binds`",
    )


def _fault(field: str, message: str, expected: str) -> ApiError:
    return ApiError(
        "VALIDATION_ERROR",
        f"{field}: {message}",
        field=field,
        details={"expected": expected, "errors": [{"field": field, "message": message}]},
    )
