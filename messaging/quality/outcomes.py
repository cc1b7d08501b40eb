"""Outcomes of messages at carriers, as counted. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from enum import StrEnum


class Outcome(StrEnum):
    WAITING = "waiting"  # accepted, no receipt yet
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"  # the receipt says undelivered or expired
    NO_RECEIPT = "no_receipt"
    REFUSED = "refused"  # the carrier refused a submit
    CONVERTED = "converted"  # by the organisation's feedback
    NOT_CONVERTED = "not_converted"


# Buckets of the seconds from submit_sm_resp to receipt: their upper edges. Longer delays go into
# one more bucket.
EDGES = (
    0.5, 1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1800, 3600,
    7200, 14_400, 28_800,
)  # fmt: skip
NO_BUCKET = -1
_CODE = re.compile(r"[0-9A-Za-z]{1,8}")
OTHER = "other"


def bucket_of(seconds: float) -> int:
    """The index of the bucket; `len(EDGES)` for a delay above the last edge."""
    return bisect_left(EDGES, seconds)


def code_of(ours: str, carrier_code: str = "") -> str:
    """Our code, then the carrier's own if it gave one: `ESME_RSUBMITFAIL`, `UNDELIV 069`.

    A carrier's code of an unusual form becomes `other`: each distinct code is a row.
    """
    if not carrier_code:
        return ours
    return f"{ours} {carrier_code if _CODE.fullmatch(carrier_code) else OTHER}"


def parts_of(code: str) -> tuple[str, str]:
    """Split a result of `code_of` into our code and the carrier's."""
    ours, _, carrier_code = code.partition(" ")
    return ours, carrier_code
