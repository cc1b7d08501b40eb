"""When the next submit_sm may be written. Pure: the time is given, in `time.monotonic`."""

from __future__ import annotations

CATCH_UP = 0.02  # seconds that a late timer makes up for at once: more would be a burst
LEISURE = 0.02  # what a timer was late beyond that is made up for by so much more speed
MOST_OWED = 0.5  # seconds
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 2.0  # seconds, after a carrier said "slower"


class Pace:
    """Of one connector."""

    def __init__(self) -> None:
        self._next_at = 0.0
        self._is_awaited = False  # whether somebody was told to come again
        self._owed = 0.0  # seconds that timers were late
        self._pause = 0.0
        self._paused_until = 0.0

    def wait(self, now: float) -> float:
        """Seconds until then; 0 or less: now."""
        wait = max(self._next_at, self._paused_until) - now
        self._is_awaited = self._is_awaited or wait > 0
        return wait

    def written(self, now: float, throughput: float) -> None:
        """One was, at this moment. `throughput`: submit_sm/s, 0 for no limit."""
        if not throughput:
            return
        late = now - CATCH_UP - max(self._next_at, self._paused_until)
        if late > 0 and self._is_awaited:
            self._owed = min(MOST_OWED, self._owed + late)
        self._is_awaited = False
        step = 1 / throughput
        less = min(self._owed, step * LEISURE)
        self._owed -= less
        self._next_at = max(self._next_at, now - CATCH_UP) + step - less

    def slower(self, now: float) -> None:
        """The carrier said so: longer each time, until it accepts one."""
        if now >= self._paused_until:
            self._pause = min(LONGEST_PAUSE, self._pause * 2 or FIRST_PAUSE)
            self._paused_until = now + self._pause

    def accepted(self) -> None:
        self._pause = 0.0
