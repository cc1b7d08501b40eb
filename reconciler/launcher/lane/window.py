"""The window: submits of one connector that wait, that are in flight, and that are retried."""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from messaging.smpp.protocol.command_status import OK, describe
from messaging.smpp.protocol.tlv import Tlv
from reconciler.launcher.lane import submit_sm
from reconciler.launcher.lane.answer_times import AnswerTimes
from reconciler.launcher.lane.carrier_settings import CarrierSettings
from reconciler.launcher.lane.journal import log_records
from reconciler.launcher.lane.journal.journal import Journal
from reconciler.launcher.lane.message import WAITING, Message
from reconciler.launcher.lane.submit import Outcome, Submit
from reconciler.launcher.lane.submit_sm import Fields
from reconciler.launcher.lane.throughput import ThroughputLimit

FIRST_RETRY, LONGEST_RETRY = 1.0, 30.0  # seconds before a retry, doubled each time
FULL_DISK_RETRY = 1.0  # seconds until the journal is tried again

Part = tuple[Message, int]


class SubmitSender(Protocol):
    """Sends submit_sm: the SMPP client. `live_settings` are those of its bind."""

    live_settings: CarrierSettings

    def submit(self, fields: Fields, tlvs: list[Tlv]) -> int:
        """Queue one and return its sequence. Raises ValueError: nothing is sent."""

    def forget(self, sequence: int) -> None: ...


class _Flight:
    """What one sender has in flight. `parts`: by sequence, oldest first; `turn`: that of the last.

    Sequences are a sender's own: those of two are often equal.
    """

    __slots__ = ("parts", "turn")

    def __init__(self) -> None:
        self.parts: dict[int, tuple[Message, int, float]] = {}
        self.turn = 0


class Window:
    """The parts of one connector. Times are in `time.monotonic`; callers commit the journal.

    All senders share the window and the throughput limit.

    `on_outcome` is called for each part of SMPP or `/send` traffic that ended.
    """

    def __init__(
        self,
        journal: Journal,
        settings: CarrierSettings,
        counters: Counter[str],
        on_outcome: Callable[[Submit, Outcome], None],
    ) -> None:
        self.settings = settings
        self._journal, self._counters, self._on_outcome = journal, counters, on_outcome
        self._throughput = ThroughputLimit()
        self._queue: deque[Part] = deque()
        # A heap: due time, a tie-breaker, the part.
        self._retries: list[tuple[float, int, Part]] = []
        self._flights: dict[SubmitSender, _Flight] = {}
        self._ties = self._turns = 0
        self.answer_times = AnswerTimes()
        self.in_flight = 0
        """How many submit_sm have no answer yet."""

    @property
    def waiting(self) -> int:
        """How many parts are not written, or wait for a retry."""
        return len(self._queue) + len(self._retries)

    def oldest(self, now: float) -> float:
        """For how many seconds the next part has waited; 0 if none waits. After a restart of the
        process it may be too low."""
        message = next(
            (each for each, part in self._queue if each.states[part] == WAITING),
            self._retries[0][2][0] if self._retries else None,
        )
        if message is None:
            return 0.0
        return max(0.0, now - (message.until - message.submit.expires_in))

    def in_flight_of(self, sender: SubmitSender) -> int:
        flight = self._flights.get(sender)
        return len(flight.parts) if flight else 0

    def add(self, messages: Iterable[Message]) -> None:
        """Queue the waiting parts of these messages."""
        for message in messages:
            for part, state in enumerate(message.states):
                if state == WAITING:
                    self._queue.append((message, part))

    def write(self, senders: Sequence[SubmitSender], now: float) -> float | None:
        """Send as many parts as window and throughput allow; the journal marks each part before.
        Each message goes to the sender that has the fewest parts in flight.

        Returns the seconds until more may be sent, None if that does not depend on time.
        """
        self._requeue_due(now)
        chosen, wait = self._choose(now)
        if not chosen:
            return wait
        try:
            self._journal.write(chosen)
        except OSError:
            self._queue.extendleft(reversed(chosen))
            return FULL_DISK_RETRY
        last = None
        for message, part in chosen:
            if message is not last:
                last, sender = message, self._least_busy(senders)
                flight = self._flight_of(sender)
            try:
                fields, tlvs = submit_sm.build(message.submit, part, sender.live_settings)
                sequence = sender.submit(fields, tlvs)
            except Exception as error:  # whatever the error, nothing was sent
                self._give_up(message, part, f"unwritable: {error}", is_sent=False)
            else:
                flight.parts[sequence] = (message, part, now)
                self.in_flight += 1
        self._counters["submit_sm_request_count"] += len(chosen)
        return wait

    def _least_busy(self, senders: Sequence[SubmitSender]) -> SubmitSender:
        """The sender with the fewest parts in flight; of equal ones that whose last turn is longest
        ago."""
        if len(senders) == 1:
            return senders[0]
        flights = [(self._flight_of(each), each) for each in senders]
        flight, sender = min(flights, key=lambda pair: (len(pair[0].parts), pair[0].turn))
        self._turns += 1
        flight.turn = self._turns
        return sender

    def _flight_of(self, sender: SubmitSender) -> _Flight:
        flight = self._flights.get(sender)
        if flight is None:
            flight = self._flights[sender] = _Flight()
        return flight

    def _choose(self, now: float) -> tuple[list[Part], float | None]:
        room = self.settings.window - self.in_flight
        throughput = self.settings.throughput
        chosen: list[Part] = []
        while self._queue and len(chosen) < room:
            message, part = self._queue[0]
            if message.states[part] != WAITING:
                self._queue.popleft()  # the whole message has ended
            elif message.until <= now:
                self._queue.popleft()
                self._give_up(message, part, "expired")
            elif (wait := self._throughput.wait(now)) > 0:
                return chosen, wait
            else:
                chosen.append(self._queue.popleft())
                self._throughput.written(now, throughput)
        if not self._queue and self._retries:
            return chosen, max(0.0, self._retries[0][0] - now)
        return chosen, None

    def answered(
        self, sender: SubmitSender, sequence: int, status: int, carrier_id: str, now: float
    ) -> None:
        """End the part, or retry it: SMPP and `/send` traffic after a temporary refusal."""
        message, part, at = self._flights[sender].parts.pop(sequence)
        self.in_flight -= 1
        self.answer_times.add(now - at)
        self._counters["submit_sm_count"] += 1
        if status == OK.value:
            self._throughput.accepted()
        else:
            refusal = describe(status)
            if refusal.is_throttling:
                self._throughput.throttled(now)
                self._counters["throttling_error_count"] += 1
            else:
                self._counters["other_submit_error_count"] += 1
            if refusal.is_temporary and message.submit.origin != "site" and message.until > now:
                self._try_again(message, part, status, now)
                return
        account = sender.live_settings.account
        record = log_records.answer(message, part, account, status, carrier_id)
        self._end(message, part, record, Outcome(part, status, carrier_id))

    def lost(self, sender: SubmitSender, why: str) -> None:
        """The sender's connection has ended: no answers come to what it had in flight."""
        flight = self._flights.pop(sender, None)
        if flight is None:
            return
        self.in_flight -= len(flight.parts)
        self._counters["no_answer_count"] += len(flight.parts)
        for message, part, _ in flight.parts.values():
            self._give_up(message, part, why, account=sender.live_settings.account)

    def time_out(self, now: float) -> None:
        """Give up submits that were not answered within `response_timeout`."""
        latest = now - self.settings.response_timeout
        for sender, flight in self._flights.items():
            while flight.parts:
                sequence, (message, part, at) = next(iter(flight.parts.items()))
                if at > latest:
                    break
                del flight.parts[sequence]
                self.in_flight -= 1
                self._counters["no_answer_count"] += 1
                sender.forget(sequence)
                account = sender.live_settings.account
                self._give_up(message, part, "no answer in time", account=account)

    def expire(self, now: float, why: str) -> None:
        """End waiting parts that are past their time."""
        self._remove(lambda message: message.until <= now, why)

    def withdraw(self, is_over: Callable[[Message], bool], why: str) -> None:
        """End messages of which nothing was written yet."""
        self._remove(lambda message: message.is_untouched and is_over(message), why)

    def drop(self, why: str) -> None:
        """End all waiting parts."""
        self._remove(lambda _: True, why)

    def _remove(self, is_over: Callable[[Message], bool], why: str) -> None:
        over = [each for each in self._queue if is_over(each[0])]
        if over:
            self._queue = deque(each for each in self._queue if not is_over(each[0]))
        retries = [each for each in self._retries if is_over(each[2][0])]
        if retries:
            self._retries = [each for each in self._retries if not is_over(each[2][0])]
            heapq.heapify(self._retries)
        for message, part in (*over, *(each[2] for each in retries)):
            if message.states[part] == WAITING:
                self._give_up(message, part, why)

    def _try_again(self, message: Message, part: int, status: int, now: float) -> None:
        """Retry later. The carrier refused the part, so it can't go out twice."""
        self._journal.try_again(message, part)
        message.refused[part] = status
        wait = min(LONGEST_RETRY, FIRST_RETRY * 2**message.tries, message.until - now)
        message.tries += 1
        self._ties += 1
        heapq.heappush(self._retries, (now + wait, self._ties, (message, part)))

    def _requeue_due(self, now: float) -> None:
        while self._retries and self._retries[0][0] <= now:
            self._queue.appendleft(heapq.heappop(self._retries)[2])

    def _give_up(
        self, message: Message, part: int, why: str, *, is_sent: bool = True, account: str = ""
    ) -> None:
        """End a part that has no answer; end the whole message if the carrier has none of it.

        `is_sent` False: nothing was sent, though the journal has the part as written. `account`: of
        the bind on which it was sent, if it was.
        """
        account = account or self.settings.account
        was_waiting = message.states[part] == WAITING
        if part in message.refused and was_waiting:
            status = message.refused[part]
            record = log_records.answer(message, part, account, status, "")
            self._end(message, part, record, Outcome(part, status))
            return
        others = message.states[:part] + message.states[part + 1 :]
        if (was_waiting or not is_sent) and not any(others) and not message.refused:
            self._journal.end_all(message, log_records.not_sent(message, account, why))
            self._notify(message, Outcome(None, None, "", why))
            return
        record = log_records.no_answer(message, part, account, why)
        self._end(message, part, record, Outcome(part, None, "", why))

    def _end(self, message: Message, part: int, record: bytes, outcome: Outcome) -> None:
        self._journal.end(message, part, record)
        self._notify(message, outcome)

    def _notify(self, message: Message, outcome: Outcome) -> None:
        if message.submit.origin != "site":
            self._on_outcome(message.submit, outcome)
