"""What waits for a connector, and what it has in flight."""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import Protocol

from messaging.smpp.protocol.command_status import OK, describe
from messaging.smpp.protocol.tlv import Tlv
from reconciler.launcher.lane import submit_sm
from reconciler.launcher.lane.carrier_settings import Settings
from reconciler.launcher.lane.journal import log_records
from reconciler.launcher.lane.journal.journal import Journal
from reconciler.launcher.lane.message import WAITING, Message
from reconciler.launcher.lane.submit import End, Submit
from reconciler.launcher.lane.submit_sm import Fields
from reconciler.launcher.lane.throughput import Pace

FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0  # seconds before another try, doubled each time
FULL_DISK = 1.0  # seconds until writing is tried again

Part = tuple[Message, int]


class Line(Protocol):
    """Where submit_sm go."""

    def submit(self, fields: Fields, tlvs: list[Tlv]) -> int:
        """Its sequence. Raises ValueError: then nothing is sent."""

    def forget(self, sequence: int) -> None: ...


class Traffic:
    """Times are in `time.monotonic`. Whoever calls it commits the journal afterwards."""

    def __init__(
        self,
        journal: Journal,
        settings: Settings,
        counters: Counter[str],
        ended: Callable[[Submit, End], None],
    ) -> None:
        self.settings = settings
        self._journal, self._counters, self._ended = journal, counters, ended
        self._pace = Pace()
        self._queue: deque[Part] = deque()
        self._again: list[tuple[float, int, Part]] = []  # a heap: when, a tie-breaker
        self._in_flight: dict[int, tuple[Message, int, float]] = {}  # by sequence, oldest first
        self._ties = 0

    @property
    def waiting(self) -> int:
        """Parts that were not written, or have to be written again."""
        return len(self._queue) + len(self._again)

    @property
    def in_flight(self) -> int:
        return len(self._in_flight)

    def add(self, messages: Iterable[Message]) -> None:
        for message in messages:
            for part, state in enumerate(message.states):
                if state == WAITING:
                    self._queue.append((message, part))

    def write(self, line: Line, now: float) -> float | None:
        """As much as may be; seconds until there may be more, None if something else decides that.

        Each part is marked in the journal before the line has it.
        """
        self._wake(now)
        chosen, wait = self._choose(now)
        if not chosen:
            return wait
        try:
            self._journal.write(chosen)
        except OSError:
            self._queue.extendleft(reversed(chosen))
            return FULL_DISK
        for message, part in chosen:
            try:
                fields, tlvs = submit_sm.make(message.submit, part, self.settings)
                sequence = line.submit(fields, tlvs)
            except Exception as error:  # whatever it is, nothing of it was sent
                self._give_up(message, part, f"unwritable: {error}", is_sent=False)
            else:
                self._in_flight[sequence] = (message, part, now)
        self._counters["submit_sm_request_count"] += len(chosen)
        return wait

    def _choose(self, now: float) -> tuple[list[Part], float | None]:
        room = self.settings.window - len(self._in_flight)
        throughput = self.settings.throughput
        chosen: list[Part] = []
        while self._queue and len(chosen) < room:
            message, part = self._queue[0]
            if message.states[part] != WAITING:
                self._queue.popleft()  # the whole message has ended
            elif message.until <= now:
                self._queue.popleft()
                self._give_up(message, part, "expired")
            elif (wait := self._pace.wait(now)) > 0:
                return chosen, wait
            else:
                chosen.append(self._queue.popleft())
                self._pace.written(now, throughput)
        if not self._queue and self._again:
            return chosen, max(0.0, self._again[0][0] - now)
        return chosen, None

    def answered(self, sequence: int, status: int, carrier_id: str, now: float) -> None:
        message, part, _ = self._in_flight.pop(sequence)
        self._counters["submit_sm_count"] += 1
        if status == OK.value:
            self._pace.accepted()
        else:
            said = describe(status)
            if said.slows:
                self._pace.slower(now)
                self._counters["throttling_error_count"] += 1
            else:
                self._counters["other_submit_error_count"] += 1
            if said.is_temporary and message.submit.origin != "site" and message.until > now:
                self._try_again(message, part, status, now)
                return
        record = log_records.answer(message, part, self.settings.account, status, carrier_id)
        self._end(message, part, record, End(part, status, carrier_id))

    def lost(self, why: str) -> None:
        """The connection, and with it the answers to what was in flight."""
        in_flight, self._in_flight = self._in_flight, {}
        for message, part, _ in in_flight.values():
            self._give_up(message, part, why)

    def time_out(self, line: Line, now: float) -> None:
        """Wait no longer for answers that are `response_timeout` late."""
        while self._in_flight:
            sequence, (message, part, at) = next(iter(self._in_flight.items()))
            if at + self.settings.response_timeout > now:
                return
            del self._in_flight[sequence]
            line.forget(sequence)
            self._give_up(message, part, "no answer in time")

    def expire(self, now: float, why: str) -> None:
        """What waits and may wait no longer."""
        self._sift(lambda message: message.until <= now, why)

    def drop(self, why: str) -> None:
        """All that waits."""
        self._sift(lambda _: True, why)

    def _sift(self, is_over: Callable[[Message], bool], why: str) -> None:
        over = [each for each in self._queue if is_over(each[0])]
        if over:
            self._queue = deque(each for each in self._queue if not is_over(each[0]))
        later = [each for each in self._again if is_over(each[2][0])]
        if later:
            self._again = [each for each in self._again if not is_over(each[2][0])]
            heapq.heapify(self._again)
        for message, part in (*over, *(each[2] for each in later)):
            if message.states[part] == WAITING:
                self._give_up(message, part, why)

    def _try_again(self, message: Message, part: int, status: int, now: float) -> None:
        """A refused submit is certainly not with the carrier."""
        self._journal.try_again(message, part)
        message.refused[part] = status
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2**message.tries, message.until - now)
        message.tries += 1
        self._ties += 1
        heapq.heappush(self._again, (now + wait, self._ties, (message, part)))

    def _wake(self, now: float) -> None:
        while self._again and self._again[0][0] <= now:
            self._queue.appendleft(heapq.heappop(self._again)[2])

    def _give_up(self, message: Message, part: int, why: str, *, is_sent: bool = True) -> None:
        """`is_sent`: by the state of the part, if it was written it is with the carrier."""
        account = self.settings.account
        was_waiting = message.states[part] == WAITING
        if part in message.refused and was_waiting:
            status = message.refused[part]
            record = log_records.answer(message, part, account, status, "")
            self._end(message, part, record, End(part, status))
            return
        others = message.states[:part] + message.states[part + 1 :]
        if (was_waiting or not is_sent) and not any(others) and not message.refused:
            self._journal.end_all(message, log_records.not_sent(message, account, why))
            self._tell(message, End(None, None, "", why))
            return
        record = log_records.no_answer(message, part, account, why)
        self._end(message, part, record, End(part, None, "", why))

    def _end(self, message: Message, part: int, record: bytes, end: End) -> None:
        self._journal.end(message, part, record)
        self._tell(message, end)

    def _tell(self, message: Message, end: End) -> None:
        if message.submit.origin != "site":
            self._ended(message.submit, end)
