"""The throughput limit and the pause after throttling: when may the next submit_sm be written?

Pure: callers pass the time (`time.monotonic`).
"""

from __future__ import annotations

CATCH_UP = 0.02  # seconds of a late timer that are made up for at once: more would be a burst
LAG_RATE = 0.02  # share by which the rate rises to make up for the rest
MAX_LAG = 0.5  # seconds
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 2.0  # seconds, after the carrier throttled a submit


class ThroughputLimit:
    """The limit of one connector."""

    def __init__(self) -> None:
        self._next_at = 0.0
        self._is_waiting = False  # whether the last `wait` was not over yet
        self._lag = 0.0  # seconds of late timers that are still to be made up for
        self._pause = 0.0
        self._paused_until = 0.0

    def wait(self, now: float) -> float:
        """Seconds until the next submit_sm may be written; 0 or less: now."""
        wait = max(self._next_at, self._paused_until) - now
        self._is_waiting = self._is_waiting or wait > 0
        return wait

    def written(self, now: float, throughput: float) -> None:
        """Note a submit_sm written now. `throughput`: submit_sm/s, 0 for no limit."""
        if not throughput:
            return
        late = now - CATCH_UP - max(self._next_at, self._paused_until)
        if late > 0 and self._is_waiting:
            self._lag = min(MAX_LAG, self._lag + late)
        self._is_waiting = False
        step = 1 / throughput
        less = min(self._lag, step * LAG_RATE)
        self._lag -= less
        self._next_at = max(self._next_at, now - CATCH_UP) + step - less

    def throttled(self, now: float) -> None:
        """Pause: the carrier has too much. Longer each time until it accepts a submit."""
        if now >= self._paused_until:
            self._pause = min(LONGEST_PAUSE, self._pause * 2 or FIRST_PAUSE)
            self._paused_until = now + self._pause

    def accepted(self) -> None:
        """The carrier took a submit: the next pause is short again."""
        self._pause = 0.0
