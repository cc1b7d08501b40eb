"""Requests to the router and its answers. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from messaging.carriers.ranking import RouteCandidate
from messaging.smpp.protocol.segmentation import Encoded

NO_ROUTE, NO_SENDER, TOO_LONG = "NO_ROUTE", "NO_ELIGIBLE_SENDER", "TEXT_TOO_LONG"
NOT_YOURS = "VALIDATION_ERROR"


@dataclass(frozen=True, slots=True)
class Retry:
    """Try the same carrier with the same sender once more, while it is in use and usable: it has
    refused the message for now."""

    carrier_id: str
    sender: str
    pool_id: str | None


@dataclass(frozen=True, slots=True)
class RouteRequest:
    """What routing needs to know of a message.

    - `to`: E.164 with `+`; `country`: its ISO 3166-1 alpha-2 code, "" if it has none.
    - `sender`, `pool_id`, `carrier_id`: what the API request named.
    - `passed_over`: ids of carriers that have refused it too often; they are tried last.
    - `probe`: it finds carriers that are probed in their own places (`carriers.demotions`).
    """

    to: str
    country: str
    body: str
    sender: str = ""
    pool_id: str | None = None
    carrier_id: str | None = None
    passed_over: tuple[str, ...] = ()
    retry: Retry | None = None
    probe: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """`text`: encoded for this carrier; segments and price follow from it."""

    carrier: RouteCandidate
    sender: str
    pool_id: str | None
    text: Encoded


class Waiting(Enum):
    """Why a message has to wait for its carrier."""

    UNBOUND = "no carrier for it is usable now"
    FULL = "its carrier has no room now"


class Unroutable(Exception):
    """No carrier can take the message as it is, bound or not.

    `code`: NO_ROUTE, NO_ELIGIBLE_SENDER or TEXT_TOO_LONG; of `Router.check` also VALIDATION_ERROR,
    for a pool or a carrier that is not the organisation's. `field`: the field of the API request
    that causes it. The message is for people.
    """

    def __init__(self, code: str, message: str, field: str) -> None:
        super().__init__(message)
        self.code, self.message, self.field = code, message, field

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unroutable) and self._said == other._said

    def __hash__(self) -> int:
        return hash(self._said)

    @property
    def _said(self) -> tuple[str, str, str]:
        return self.code, self.message, self.field
