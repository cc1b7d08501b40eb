"""An accepted submit while not all of its parts have ended."""

from __future__ import annotations

import json
from typing import Any

from messaging.smpp.protocol.tlv import Tlv
from reconciler.launcher.lane.submit import Submit

WAITING, WRITTEN, ENDED = 0, 1, 2  # states of a part; the journal's files have them too


class Message:
    """`until`: when it expires if it is not written by then (`time.monotonic`). `states`: one of
    each part. `segment`: number of the journal's file in which it was accepted. `refused`: the last
    status of each part that waits for a retry."""

    __slots__ = ("submit", "cid", "until", "states", "open", "segment", "tries", "refused")

    def __init__(self, submit: Submit, cid: str, until: float, states: bytes = b"") -> None:
        self.submit, self.cid, self.until = submit, cid, until
        self.states = bytearray(states or len(submit.parts))
        self.open = len(self.states) - self.states.count(ENDED)  # how many parts have not ended
        self.segment = 0
        self.tries = 0
        self.refused: dict[int, int] = {}

    @property
    def is_untouched(self) -> bool:
        """Whether no part was ever written to the carrier."""
        return not any(self.states)


def dump(message: Message) -> bytes:
    """One line of JSON for the journal; defaults are left out."""
    submit = message.submit
    record: dict[str, Any] = {
        "token": submit.token,
        "cid": message.cid,
        "until": message.until,
        "from": submit.source,
        "to": submit.destination,
        "parts": [part.hex() for part in submit.parts],
    }
    if submit.udhi:
        record["udhi"] = True
    if submit.data_coding:
        record["data_coding"] = submit.data_coding
    if submit.tlvs:
        record["tlvs"] = [(tlv.tag, tlv.value.hex()) for tlv in submit.tlvs]
    if submit.validity:
        record["validity"] = submit.validity
    if submit.origin != "site":
        record["origin"] = submit.origin
    if submit.user:
        record["user"] = submit.user
    if submit.extra:
        record["extra"] = submit.extra
    if any(message.states):
        record["states"] = message.states.hex()
    return _encode(record).encode()


def load(line: bytes) -> Message:
    """The reverse of `dump`. Raises ValueError, KeyError or TypeError for anything else."""
    record = json.loads(line)
    submit = Submit(
        token=record["token"],
        source=record["from"],
        destination=record["to"],
        parts=[bytes.fromhex(part) for part in record["parts"]],
        udhi=record.get("udhi", False),
        data_coding=record.get("data_coding", 0),
        tlvs=[Tlv(tag, bytes.fromhex(value)) for tag, value in record.get("tlvs", ())],
        validity=record.get("validity", ""),
        origin=record.get("origin", "site"),
        user=record.get("user", ""),
        extra=record.get("extra", {}),
    )
    states = bytes.fromhex(record.get("states", ""))
    return Message(submit, record["cid"], record["until"], states)


_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True).encode
