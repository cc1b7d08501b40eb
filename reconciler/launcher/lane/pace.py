"""When the next submit_sm may be written. Pure: the time is given, in `time.monotonic`."""

from __future__ import annotations

CATCH_UP = 0.02  # seconds that a late timer may make up for: more would be a burst
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 2.0  # seconds, after a carrier said "slower"


class Pace:
    """Of one connector."""

    def __init__(self) -> None:
        self._next_at = 0.0
        self._pause = 0.0
        self._paused_until = 0.0

    def wait(self, now: float) -> float:
        """Seconds until then; 0 or less: now."""
        return max(self._next_at, self._paused_until) - now

    def written(self, now: float, throughput: float) -> None:
        """One was, at this moment. `throughput`: submit_sm/s, 0 for no limit."""
        if throughput:
            self._next_at = max(self._next_at, now - CATCH_UP) + 1 / throughput

    def slower(self, now: float) -> None:
        """The carrier said so: longer each time, until it accepts one."""
        if now >= self._paused_until:
            self._pause = min(LONGEST_PAUSE, self._pause * 2 or FIRST_PAUSE)
            self._paused_until = now + self._pause

    def accepted(self) -> None:
        self._pause = 0.0
