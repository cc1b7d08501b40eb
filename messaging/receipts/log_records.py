"""Reading the records of a gateway's log; records of other kinds are left out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from messaging.access.refused_login import RefusedLogin
from messaging.inbound.access_results import Delivered
from messaging.smpp.protocol.command_status import Status, describe

LONGEST_REASON = 200  # characters


@dataclass(frozen=True)
class SubmitAnswer:
    """A carrier's answer to the submit_sm of one part of `token`; `status` None: it was lost."""

    token: str
    part: int
    parts: int
    cid: str
    account: str
    status: Status | None
    id: str
    at: datetime


@dataclass(frozen=True)
class NotSent:
    """No part of `token` was written to a carrier."""

    token: str
    why: str


@dataclass(frozen=True)
class DeliverSm:
    """A deliver_sm or data_sm. `session` is of the bind that it came on, "" if that is not told."""

    number: int
    cid: str
    account: str
    session: str
    raw: bytes = field(repr=False)
    at: datetime


@dataclass(frozen=True)
class AccessSubmit:
    """A message that the organisation's own platform submitted as `user` has ended."""

    user: str


Record = SubmitAnswer | NotSent | DeliverSm | AccessSubmit | Delivered | RefusedLogin


def read(record: Mapping[str, Any]) -> Record | None:
    """The record, or None if it is of a kind that the site has no use for. Raises ValueError,
    KeyError, TypeError for one that is not as `reconciler.gateway_api` says."""
    kind = record["kind"]
    at = datetime.fromtimestamp(float(record["at"]), UTC)
    if kind in ("answer", "no_answer"):
        return SubmitAnswer(
            token=str(record["token"]),
            part=int(record["part"]),
            parts=int(record["parts"]),
            cid=str(record["cid"]),
            account=_text(record["account"], 64),
            status=describe(int(record["status"])) if kind == "answer" else None,
            id=_text(record.get("id"), 255),
            at=at,
        )
    if kind == "not_sent":
        return NotSent(str(record["token"]), _text(record.get("why"), LONGEST_REASON))
    if kind == "deliver" and not record.get("access"):
        return DeliverSm(
            number=int(record["n"]),
            cid=str(record["cid"]),
            account=_text(record["account"], 64),
            session=_text(record.get("session"), 64),
            raw=bytes.fromhex(record["raw"]),
            at=at,
        )
    if kind == "access" and record.get("part") in (0, None):
        return AccessSubmit(str(record["user"]))
    if kind == "delivery":
        status = record["status"]
        return Delivered(
            token=str(record["token"]),
            status=None if status is None else int(status),
            is_sent=record.get("why") != "not_bound",
        )
    if kind == "login":
        return RefusedLogin(
            user=_text(record["user"], 16),
            address=_text(record["address"], 45),
            why=_text(record.get("why", "login"), LONGEST_REASON),
            silenced=bool(record.get("silenced")),
            at=at,
        )
    return None


def _text(value: object, limit: int) -> str:
    """Without NULs, which PostgreSQL can't store."""
    return str("" if value is None else value).replace("\0", "")[:limit]
