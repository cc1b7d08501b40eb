"""How long a carrier takes to answer submits, in buckets."""

from __future__ import annotations

from bisect import bisect_left

EDGES = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # seconds: upper edges of the buckets


class AnswerTimes:
    """`counts`: by bucket, and last those that took longer; `seconds`: of all together."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.counts = [0] * (len(EDGES) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(EDGES, seconds)] += 1
        self.seconds += seconds
