"""MESSAGE_RATE_LIMIT: the messages that an organisation may post, in single requests and batches.

A token bucket of `limit` messages that fills in `seconds`. A batch of more than it holds is taken
from a full bucket, and later requests wait until that is paid back: no limit makes a batch
impossible.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from orbit.api import throttling
from orbit.api.throttling import Rate
from orbit.cache import Bucket, Spent

MOST = 1000  # messages of one request


@dataclass(frozen=True)
class Standing:
    """An organisation's limit after a request with `wanted` messages."""

    rate: Rate
    wanted: int
    spent: Spent
    bucket: Bucket

    def headers(self) -> dict[str, str]:
        """X-MessageLimit-*; `Reset`: when the bucket is full again, in Unix seconds."""
        left = (self.bucket.burst - self.spent.missing) // self.bucket.each
        return {
            "X-MessageLimit-Limit": str(self.rate.limit),
            "X-MessageLimit-Remaining": str(max(0, left)),
            "X-MessageLimit-Reset": str(math.ceil(time.time() + self.spent.missing / 1e6)),
        }

    def check(self) -> None:
        """Raise 429 RATE_LIMIT_EXCEEDED, with the time to wait, if the messages were not taken."""
        if self.spent.taken:
            return
        needed = min(self.wanted * self.bucket.each, self.bucket.burst)
        wait = max(1, math.ceil((self.spent.missing + needed - self.bucket.burst) / 1e6))
        raise throttling.exceeded(self.rate, wait, "Message limit exceeded; none was taken.")


def bucket_of(organization_id: str, messages: int) -> Bucket:
    """The organisation's bucket, and a request's messages to take from it."""
    rate = Rate.parse(settings.MESSAGE_RATE_LIMIT)
    key = f"messages:{rate.limit}:{rate.seconds}:{organization_id}"
    return Bucket(key, rate.limit, rate.seconds, messages, MOST)


def note(request: Any, bucket: Bucket, spent: Spent) -> None:
    """Keep the result for the answer's headers; raises 429 if the messages were not taken."""
    standing = Standing(Rate(bucket.limit, bucket.seconds), bucket.units, spent, bucket)
    getattr(request, "_request", request).message_standing = standing
    standing.check()


def count(request: Any, organization_id: str, messages: int) -> None:
    """Take the messages of a request; its body says how many they are; raises 429."""
    bucket = bucket_of(organization_id, messages)
    note(request, bucket, throttling.spend(bucket))


def headers(request: Any) -> dict[str, str]:
    """X-MessageLimit-* for the answer to this request; none if no messages were counted."""
    standing = getattr(request, "message_standing", None)
    return standing.headers() if standing else {}
