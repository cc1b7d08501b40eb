"""What became of a message at its carrier, in few enough words to count. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from enum import StrEnum


class Outcome(StrEnum):
    WAITING = "waiting"  # taken, no receipt yet
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"  # or expired, as the receipt says
    NO_RECEIPT = "no_receipt"
    REFUSED = "refused"  # an answer to a submit
    CONVERTED = "converted"  # as the message's sender says
    NOT_CONVERTED = "not_converted"


# Seconds from the carrier's answer to its receipt: upper edges of buckets. Longer ones are in one
# more bucket.
EDGES = (
    0.5, 1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1800, 3600,
    7200, 14_400, 28_800,
)  # fmt: skip
NO_BUCKET = -1
_CODE = re.compile(r"[0-9A-Za-z]{1,8}")
OTHER = "other"


def bucket_of(seconds: float) -> int:
    """The index of its bucket; `len(EDGES)`: longer than all."""
    return bisect_left(EDGES, seconds)


def code_of(ours: str, carrier_code: str = "") -> str:
    """`ESME_RSUBMITFAIL`, or `UNDELIV 069`: our code, and the carrier's as it wrote it.

    A code of another form than carriers have is `other`: each one that is counted is a row.
    """
    if not carrier_code:
        return ours
    return f"{ours} {carrier_code if _CODE.fullmatch(carrier_code) else OTHER}"


def parts_of(code: str) -> tuple[str, str]:
    """Our code and the carrier's, of `code_of`."""
    ours, _, carrier_code = code.partition(" ")
    return ours, carrier_code
