"""A lane over scripted carriers: what it was seen to do, bind by bind."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.fixtures.raw_smsc import Pdu, RawSmsc
from tests.fixtures.raw_smsc.session import Session
from tests.reconciler.launcher.lane.conftest import CID, LaneProcess, settings, until

SUBMIT_RESP = 0x80000004


def wait_until_bound(program: LaneProcess, carrier: RawSmsc, count: int) -> list[Session]:
    """Wait until both sides have so many binds; those of the carrier."""

    def are_bound() -> bool:
        there = [each for each in program.state()["sessions"] if each["port"] == carrier.port]
        bound = [each for each in there if each["state"].startswith("BOUND_")]
        return len(bound) == len(carrier.bound) == count

    until(are_bound, f"{count} binds")
    return carrier.bound


def change(program: LaneProcess, port: int, **changed: Any) -> None:
    program.do("replace", cid=CID, settings=settings(port, **changed))


def by_session(carrier: RawSmsc) -> dict[int, list[bytes]]:
    """The texts of the submits of each session."""
    found: dict[int, list[bytes]] = {}
    for each in carrier.submits:
        found.setdefault(each.session, []).append(each.fields["short_message"])
    return found


def answer(carrier: RawSmsc, session: Session) -> None:
    """Answer all submits of a session."""
    asked = [each for each in carrier.submits if each.session == session.number]
    pdus = [Pdu(SUBMIT_RESP, b"%d\0" % each.sequence, sequence=each.sequence) for each in asked]
    session.play(pdus, about=None)


def bound_over_time(carrier: RawSmsc) -> list[int]:
    """How many were bound after each bind and each end, in order."""
    found, count = [], 0
    for each in list(carrier.seen):
        is_bind = each.direction == "out" and each.command.startswith("bind_") and not each.status
        is_end = each.direction == "in" and each.command == "unbind"
        if is_bind or is_end:
            count += 1 if is_bind else -1
            found.append(count)
    return found


def passwords(carrier: RawSmsc) -> Counter[bytes]:
    """The passwords of all binds."""
    return Counter(each.raw[16:].split(b"\0")[1] for each in carrier.binds)
