"""The port through which `messaging` uses the gateway; `reconciler` implements it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from messaging.smpp.protocol.segmentation import Encoded


@dataclass(frozen=True)
class Accepted:
    """The gateway has taken the message. `message_id`: the gateway's own id for it, "" if it has
    none."""

    message_id: str


class Refusal(StrEnum):
    """Why the gateway has not taken a message."""

    NOT_BOUND = "not_bound"  # the carrier's bind is down
    NOT_SYNCED = "not_synced"  # it does not know this credential yet
    TOO_FAST = "too_fast"  # the credential's own limit, or the gateway's queue for it is full
    REJECTED = "rejected"  # it will never take this message
    UNAVAILABLE = "unavailable"  # it cannot be reached, or fails


@dataclass(frozen=True)
class Refused:
    """The gateway has certainly not taken the message. `reason` is for people; `retryable`:
    whether the same message may be taken later."""

    kind: Refusal
    reason: str
    retryable: bool


@dataclass(frozen=True)
class Unknown:
    """The gateway's answer was lost: it may have the message. Only a report can tell."""

    reason: str


Submission = Accepted | Refused | Unknown

# Beside SMPP statuses the gateway may report: written to the carrier, but its answer was lost; not
# written, and never will be.
NO_ANSWER, NOT_SENT = "ESME_NO_ANSWER", "ESME_NOT_SENT"


@dataclass(frozen=True)
class JasminReport:
    """A report of a stock Jasmin, at the address that ends in `token`.

    Level 1 is the carrier's answer: `status` is its name (`ESME_ROK`), or one of the two above.
    Level 2 is its receipt: `status` is `DELIVRD`, `UNDELIV`, …, `error` the carrier's code.
    `message_id` is the carrier's id; "" if the report does not say it (a stock Jasmin's level 1).
    """

    token: str
    level: int
    status: str
    message_id: str = ""
    error: str = ""


@dataclass(frozen=True)
class Submit:
    """One message for the gateway.

    - `sender` and `to` as people write them (`messaging.numbers`), `tlvs` (tag, octets) that each
      of its parts carries.
    - `text` as it was encoded for the carrier when it was priced.
    - `token` (at most 64 characters) names the attempt: a gateway with a lane takes it once,
      however often it comes, and names it in its log. `dlr_token` is the unguessable end of the
      address at which a stock Jasmin reports.
    """

    token: str
    dlr_token: str
    sender: str
    to: str
    text: Encoded
    tlvs: tuple[tuple[int, bytes], ...] = ()


class Trunk(Protocol):
    """The way into the gateway for one credential's messages. Use it for seconds; do not keep it.

    `lane` names the journal that remembers `Submit.token`, independent of host and process; "" for
    a stock Jasmin.
    """

    lane: str

    def submit_many(self, submits: Sequence[Submit]) -> list[Submission]:
        """Submit messages; answers in their order. Blocks for a bounded time and must not raise.
        After a lost answer the rest are not tried, and are Refused."""


class Gateway(Protocol):
    def push(self, organization_id: str) -> None:
        """Have the organisation's gateway synchronised within about a second, not at the next beat.

        Must not raise and must not wait: if it can't be queued now, the next pass does it.
        """

    def smpp_address(self, organization_id: str) -> tuple[str, int] | None:
        """Host and port of the SMPP server at which the organisation's own platform binds.

        None if it has no gateway yet, or the gateway's address is not set.
        """

    def trunks(self, credential_ids: Collection[str]) -> dict[str, Trunk | Refused]:
        """The trunk of each credential, or why it has none now. Must not raise."""

    def reported_until(self) -> datetime:
        """The moment before which all gateways' records have been read; now, if none are unread.
        Lost gateways do not count."""

    def reports_behind(self) -> dict[str, datetime]:
        """Lanes with records that may be unread, lost ones too, with the moment before which all of
        them have been read."""

    def untaken(self, tokens: Mapping[str, Collection[str]]) -> dict[str, frozenset[str] | None]:
        """Of these tokens (by lane), those that a drained or lost gateway has not taken and never
        will. None for a lane: it can't be asked now. Must not raise."""


_implementation: Gateway | None = None


def implement(implementation: Gateway) -> None:
    """Register the implementation, once, when the apps are ready."""
    global _implementation  # noqa: PLW0603 - one process, one gateway port
    _implementation = implementation


def push_on_commit(organization_id: str) -> None:
    """Ask for a push once the current transaction has committed; nothing if it rolls back."""
    if _implementation is not None:
        push = _implementation.push
        transaction.on_commit(lambda: push(organization_id))


def trunks(credential_ids: Collection[str]) -> dict[str, Trunk | Refused]:
    """`Gateway.trunks` of the implementation."""
    if _implementation is None:
        refused = Refused(Refusal.UNAVAILABLE, "no gateway is connected to this process", True)
        return dict.fromkeys(credential_ids, refused)
    return _implementation.trunks(credential_ids)


def reported_until() -> datetime:
    """`Gateway.reported_until`, or now without a gateway.

    Records unread for longer than `GATEWAY_LOG_PATIENCE_HOURS` may be lost with their gateway, and
    are not waited for.
    """
    if _implementation is None:
        return timezone.now()
    return max(_implementation.reported_until(), _longest_ago())


def reports_behind() -> dict[str, datetime]:
    """`Gateway.reports_behind`, with the same bound; none without a gateway."""
    if _implementation is None:
        return {}
    longest = _longest_ago()
    return {lane: max(at, longest) for lane, at in _implementation.reports_behind().items()}


def _longest_ago() -> datetime:
    return timezone.now() - timedelta(hours=settings.GATEWAY_LOG_PATIENCE_HOURS)


def untaken(tokens: Mapping[str, Collection[str]]) -> dict[str, frozenset[str] | None]:
    """`Gateway.untaken`; nothing is known without a gateway."""
    return {} if _implementation is None else _implementation.untaken(tokens)


def smpp_address(organization_id: str) -> tuple[str, int] | None:
    """`Gateway.smpp_address`; None without a gateway."""
    if _implementation is None:
        return None
    return _implementation.smpp_address(organization_id)
