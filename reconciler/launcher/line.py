"""The way out of one connector: turns, window, pace. Used by `at_most_once`.

Jasmin's faults (managers/listeners.py:149-170, managers/clients.py:244): one submit in flight, so
that a carrier which answers in 100 ms gets ten a second; and a throughput that is measured from
the last submit without being reserved, so that with more in flight all wait the same time and
leave together. Parts of a long message count for neither.

The cure: messages take turns; who has the turn waits until the bind is up, fewer than `window`
submit_sm are unanswered, and the next moment of the throughput has come; each part waits so.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any

from jasmin.protocols.smpp.factory import SMPPClientFactory
from smpp.pdu.operations import SubmitSM
from smpp.pdu.pdu_types import CommandStatus
from twisted.internet import defer, reactor, task
from twisted.python.failure import Failure
from write_through import hand_over

LOOK = 0.25  # seconds between two looks at a bind that is down
CATCH_UP = 0.02  # seconds that a late timer may make up for: more would be a burst
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 2.0  # seconds, after a carrier said "later"


class Closed(Exception):
    """The connector was stopped before anything was written."""


class TooOld(Exception):
    """The bind did not come up in time; nothing was written."""


class Unwritable(Exception):
    """It can't be encoded; nothing of it was written."""


class Line:
    """`closed` while the connector is stopped; `in_flight`: submit_sm without an answer."""

    def __init__(self, factory: SMPPClientFactory) -> None:
        self.closed = False
        self._factory = factory
        self._turn = defer.DeferredLock()
        self.in_flight = 0
        self._freed: defer.Deferred | None = None
        self._next_at = 0.0
        self._pause = 0.0
        self._paused_until = 0.0

    @defer.inlineCallbacks
    def submit(
        self, parts: Sequence[SubmitSM], *, give_up_at: float, writing: Callable[[], None]
    ) -> Generator[Any, Any, list[tuple[bool, Any]]]:
        """Write all parts in turn; (answered, answer or failure) of each that was written.

        `give_up_at` (`reactor.seconds()`) counts while nothing was written. `writing` is called
        once, just before the first part is written. Raises Closed, TooOld, Unwritable, and what
        `writing` raises: then nothing was written.
        """
        answers: list[defer.Deferred] = []
        yield self._turn.acquire()
        try:
            for part in parts:
                try:
                    smpp = yield self._ready(give_up_at, begun=bool(answers))
                except (Closed, TooOld):
                    if not answers:
                        raise
                    break
                if not answers:
                    writing()
                answer = self._write(smpp, part)
                if answer is None:
                    if not answers:
                        raise Unwritable
                    break
                answers.append(answer)
        finally:
            self._turn.release()
        results = yield defer.DeferredList(answers, consumeErrors=True)
        # A part that was not written after others were: its answer is as lost as one that was.
        return [*results, *[(False, None)] * (len(parts) - len(results))]

    def too_fast(self) -> None:
        """The carrier said so: nobody writes for a while, longer each time until it accepts one."""
        if reactor.seconds() >= self._paused_until:
            self._pause = min(LONGEST_PAUSE, self._pause * 2 or FIRST_PAUSE)
            self._paused_until = reactor.seconds() + self._pause

    @defer.inlineCallbacks
    def _ready(self, give_up_at: float, *, begun: bool) -> Generator[Any, Any, Any]:
        while True:
            now = reactor.seconds()
            smpp = self._factory.smpp
            if self.closed:
                raise Closed
            if smpp is None or not smpp.isBound():
                if begun or now >= give_up_at:
                    raise TooOld
                yield task.deferLater(reactor, LOOK)
            elif self.in_flight >= self._factory.config.window:
                self._freed = defer.Deferred()
                yield self._freed
            elif (wait := max(self._next_at, self._paused_until) - now) > 0:
                yield task.deferLater(reactor, min(wait, LOOK))
            else:
                return smpp

    def _write(self, smpp: Any, part: SubmitSM) -> defer.Deferred | None:
        """The answer to come; None if it could not be written."""
        throughput = self._factory.config.submit_sm_throughput
        answer = smpp.sendDataRequest(part)
        if answer.called and isinstance(answer.result, Failure):
            self._factory.log.error("A submit_sm can't be written: %r", answer.result.value)
            answer.addErrback(lambda _: None)
            return None
        hand_over(smpp.transport)
        if throughput:
            now = reactor.seconds()
            self._next_at = max(self._next_at, now - CATCH_UP) + 1 / throughput
        self.in_flight += 1
        return answer.addBoth(self._answered)

    def _answered(self, result: Any) -> Any:
        self.in_flight -= 1
        if not isinstance(result, Failure) and result.response.status == CommandStatus.ESME_ROK:
            self._pause = 0.0
        if self._freed is not None:
            freed, self._freed = self._freed, None
            freed.callback(None)
        return result
