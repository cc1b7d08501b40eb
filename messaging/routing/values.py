"""What is asked of the routes, and what they answer. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from messaging.carriers.ranking import Candidate
from messaging.smpp.protocol.text_encoding import Encoded

NO_ROUTE, NO_SENDER, TOO_LONG = "NO_ROUTE", "NO_ELIGIBLE_SENDER", "TEXT_TOO_LONG"
NOT_YOURS = "VALIDATION_ERROR"


@dataclass(frozen=True, slots=True)
class Again:
    """The carrier has refused the message for now: it is tried there once more, with the same
    sender, while that carrier is in use and usable."""

    carrier_id: str
    sender: str
    pool_id: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a message asks for.

    - `to` in E.164 with `+`; `country` (ISO 3166-1 alpha-2) of it, "" if it has none.
    - `sender`, `pool_id`, `carrier_id`: what the request named.
    - `passed_over`: ids of carriers that have refused it too often: the others are tried first.
    """

    to: str
    country: str
    body: str
    sender: str = ""
    pool_id: str | None = None
    carrier_id: str | None = None
    passed_over: tuple[str, ...] = ()
    again: Again | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """`text`: as this carrier wants it; price, segments and encoding are those of this text."""

    carrier: Candidate
    sender: str
    pool_id: str | None
    text: Encoded


class Waiting(Enum):
    """Why a message that can be sent is not sent now."""

    UNBOUND = "no carrier for it is usable now"
    FULL = "its carrier has no room now"


class Impossible(Exception):
    """No carrier can take the message as it is, bound or not.

    `code`: NO_ROUTE, NO_ELIGIBLE_SENDER or TEXT_TOO_LONG; of `Routes.check` also VALIDATION_ERROR,
    for a pool or a carrier that is not the organisation's. `field`: of the request, that is to
    blame. The message is for people, the same wherever it is said.
    """

    def __init__(self, code: str, message: str, field: str) -> None:
        super().__init__(message)
        self.code, self.message, self.field = code, message, field

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Impossible) and self._said == other._said

    def __hash__(self) -> int:
        return hash(self._said)

    @property
    def _said(self) -> tuple[str, str, str]:
        return self.code, self.message, self.field
