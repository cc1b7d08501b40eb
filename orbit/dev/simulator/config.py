"""The accounts of a simulator, read from `--system` arguments and JSON files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from orbit.dev.simulator.faults import Fault, FaultError

SANDBOX_ID = "sandbox"
SANDBOX_PASSWORD = "sandbox"  # noqa: S105 - printed at the start, on loopback, for a first try

_MAX_SYSTEM_ID = 15  # SMPP 3.4 §5.2.1
MAX_PASSWORD = 16  # §5.2.2 says 8; carriers hand out up to 16


class ConfigError(ValueError):
    """An account is written wrongly. The message says what to write."""


@dataclass(frozen=True)
class SystemSpec:
    """An account to make. Raises ConfigError unless all of it is valid."""

    system_id: str
    password: str = field(repr=False)
    faults: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_text("system_id", self.system_id, _MAX_SYSTEM_ID)
        check_text("password", self.password, MAX_PASSWORD)
        check_faults(self.faults)


def check_text(name: str, text: Any, longest: int) -> None:
    """Raises ConfigError unless the text has 1 to `longest` printable ASCII characters.

    The text itself, maybe a password, is not in the message.
    """
    if not isinstance(text, str) or not 1 <= len(text) <= longest:
        raise ConfigError(f"{name} must have 1 to {longest} characters (SMPP 3.4 §5.2)")
    if not (text.isascii() and text.isprintable()):
        raise ConfigError(f"{name} must be printable ASCII")


def check_faults(faults: Any) -> None:
    """Raises ConfigError unless it is a list of faults that exist."""
    if not isinstance(faults, list | tuple) or not all(isinstance(f, str) for f in faults):
        raise ConfigError('faults must be a list of texts, such as ["slow:2", "no-receipt"]')
    try:
        for fault in faults:
            Fault.parse(fault)
    except FaultError as error:
        raise ConfigError(str(error)) from None


def parse_system(text: str) -> SystemSpec:
    """Read `system_id:password[,fault[,fault…]]`. Raises ConfigError."""
    account, *faults = text.split(",")
    system_id, colon, password = account.partition(":")
    if not colon:
        raise ConfigError("write system_id:password[,fault[,fault…]], for example acme:secret")
    return SystemSpec(system_id, password, tuple(faults))


def parse_file(text: str) -> list[SystemSpec]:
    """Read `{"systems": [{"system_id", "password", "faults": […]}]}`. Raises ConfigError."""
    try:
        rows = json.loads(text)["systems"]
        return [
            SystemSpec(row["system_id"], row["password"], tuple(row.get("faults", ())))
            for row in rows
        ]
    except ConfigError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfigError(
            'the file must be JSON: {"systems": [{"system_id": …, "password": …, "faults": […]}]}'
        ) from None


def unique(specs: Iterable[SystemSpec]) -> list[SystemSpec]:
    """The accounts as a list. Raises ConfigError if a system_id occurs twice."""
    found: dict[str, SystemSpec] = {}
    for spec in specs:
        if spec.system_id in found:
            raise ConfigError(f"system_id {spec.system_id!r} is there twice")
        found[spec.system_id] = spec
    return list(found.values())
