"""One message on its way from the queue to its end. Of `at_most_once`.

Jasmin's faults:
- managers/listeners.py:131: a message that RabbitMQ hands out again after a kill is submitted
  again, though it was written before.
- managers/listeners.py:262 and :267: a message without an answer is put back into the queue.
- managers/listeners.py:351: what the carrier refused with "later" is reported as refused, and tried
  again half a minute later without a further report; meanwhile it takes the room of others.
- managers/listeners.py:278: a long message is submitted again when its last part was refused, the
  accepted parts with it.

The cure: each message is written down (journal.py) before the first byte of it can reach a socket,
with its answer, and until RabbitMQ has forgotten it. Without an answer it is reported as
NO_ANSWER, acknowledged, and never written again. What was certainly not written goes out, or is
reported as NOT_SENT.

"Later" is told at once to whoever hears the carrier's answers (an HTTP callback of level 1 or 3),
and not tried again: the next attempt is a new message. For all others Jasmin's counts hold. Of a
long message only the refused parts are tried again, and if that ends before all are accepted, it is
reported as NO_ANSWER.
"""

from __future__ import annotations

import pickle
from collections.abc import Generator
from datetime import datetime
from typing import Any

import telling
from dateutil import parser
from jasmin.managers.listeners import SMPPClientSMListener
from journal import Journal
from line import Closed
from smpp.pdu.operations import SubmitSM
from smpp.pdu.pdu_types import CommandStatus
from smpp.twisted.protocol import SMPPOutboundTxnResult
from twisted.internet import defer, reactor, task
from txamqp.message import Message

_OK = CommandStatus.ESME_ROK
LATER = (CommandStatus.ESME_RTHROTTLED, CommandStatus.ESME_RMSGQFUL)
FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0  # seconds before a try, doubled each time

_started_at = datetime.now()  # as Jasmin dates its messages: local, without a zone


class Sending:
    """`run` it once."""

    def __init__(self, listener: SMPPClientSMListener, message: Message, journal: Journal) -> None:
        self._listener, self._message, self._journal = listener, message, journal
        self._id = message.content.properties["message-id"]
        self._headers = message.content.properties.get("headers", {})
        self._tries = 0
        self._written = False  # and not certainly refused

    @defer.inlineCallbacks
    def run(self) -> Generator[Any, Any, None]:
        try:
            if self._was_written():
                yield self._end()  # telling.py has said it
                return
            pdu = pickle.loads(self._message.content.body)
            if not isinstance(pdu, SubmitSM):
                yield self._end(telling.NOT_SENT)
                return
            yield self._submit(_unchain(pdu))
        except Closed:
            if self._written:
                yield self._end(telling.NO_ANSWER, "stopped before all of it was accepted")
            else:
                yield self._listener.rejectMessage(self._message, requeue=1)
        except OSError as error:  # of the journal: what can't be written down is not submitted
            self._listener.log.critical("SubmitSmPDU[%s] waits: %s", self._id, error)
            yield self._listener.rejectAndRequeueMessage(self._message)
        except Exception as error:
            self._listener.log.error("SubmitSmPDU[%s] failed: %r", self._id, error)
            yield self._end(telling.NO_ANSWER if self._written else telling.NOT_SENT)

    def _was_written(self) -> bool:
        """By an earlier process; one whose journal is lost may have."""
        if self._id in self._journal.left:
            return True
        if not (self._journal.is_new and self._message.redelivered):
            return False
        if parser.parse(self._headers["created_at"]) > _started_at:
            return False
        telling.tell(self._listener.amqpBroker, self._id, telling.NO_ANSWER)
        return True

    @defer.inlineCallbacks
    def _submit(self, parts: list[SubmitSM]) -> Generator[Any, Any, None]:
        """Until all parts are accepted, or one is refused for good, or the tries are over."""
        line = self._listener.line
        answers: dict[int, SMPPOutboundTxnResult] = {}
        waiting = list(range(len(parts)))
        while True:
            if not self._written and self._has_expired():
                yield self._end(telling.NOT_SENT, "expired")
                return
            results = yield line.submit(
                [parts[number] for number in waiting],
                give_up_at=self._give_up_at(),
                writing=self._writing,
            )
            if not all(answered for answered, _ in results):
                yield self._end(telling.NO_ANSWER)
                return
            answers |= zip(waiting, (answer for _, answer in results), strict=True)
            waiting = [number for number in waiting if _status(answers[number]) in LATER]
            refused = [each for each in answers.values() if _status(each) not in (_OK, *LATER)]
            if refused or not waiting:
                yield self._answered(parts, refused[0] if refused else answers[len(parts) - 1])
                return
            line.too_fast()
            halfway = len(waiting) < len(parts)
            if not (yield self._is_tried_again(_status(answers[waiting[0]]), halfway=halfway)):
                if halfway:
                    yield self._end(telling.NO_ANSWER, "only a part of it was accepted")
                else:
                    yield self._answered(parts, answers[waiting[0]])
                return

    @defer.inlineCallbacks
    def _is_tried_again(self, status: CommandStatus, *, halfway: bool) -> Generator[Any, Any, bool]:
        """After a while, if so. `halfway`: a part of it is with the carrier."""
        listener = self._listener
        retrial = listener.config.submit_error_retrial.get(status.name)
        if retrial is None or self._tries >= retrial["count"]:
            return False
        if not halfway:
            if (yield telling.is_heard(listener.redisClient, self._id)):
                return False
            self._journal.over(self._id)
            self._written = False
        yield task.deferLater(reactor, min(LONGEST_WAIT, FIRST_WAIT * 2**self._tries))
        self._tries += 1
        return True

    def _writing(self) -> None:
        if not self._written:
            self._journal.writing(self._id)
            self._written = True

    def _give_up_at(self) -> float:
        """By `reactor.seconds()`, if the bind is not up."""
        age = datetime.now() - parser.parse(self._headers["created_at"])
        patience = self._listener.config.submit_max_age_smppc_not_ready - age.total_seconds()
        return reactor.seconds() + patience

    def _has_expired(self) -> bool:
        expiration = self._headers.get("expiration")
        return expiration is not None and parser.parse(expiration) < datetime.now()

    @defer.inlineCallbacks
    def _answered(
        self, parts: list[SubmitSM], result: SMPPOutboundTxnResult
    ) -> Generator[Any, Any, None]:
        """Jasmin logs, acknowledges, tells and bills it."""
        listener = self._listener
        _chain(parts)
        result.response.params.setdefault("message_id", b"")  # some carriers give none
        telling.remember(self._id, listener.SMPPClientFactory.config, result.response)
        listener.submit_retrials[self._id] = float("inf")  # this is the end of it
        yield listener.submit_sm_resp_event(result._replace(request=parts[0]), self._message)
        listener.submit_retrials.pop(self._id, None)
        telling.forget_later(listener.amqpBroker, self._id)

    @defer.inlineCallbacks
    def _end(self, status: str = "", reason: str = "") -> Generator[Any, Any, None]:
        """Tell `status`, if there is one, and take it out of the queue.

        Without RabbitMQ nothing is told or taken: the next process does both.
        """
        listener = self._listener
        if not listener.amqpBroker.connected:
            return
        if status:
            listener.log.error(
                "SMS-MT [cid:%s] [queue-msgid:%s] [status:UNKNOWN/%s] %s",
                listener.SMPPClientFactory.config.id,
                self._id,
                status,
                reason,
            )
            telling.tell(listener.amqpBroker, self._id, status)
        yield listener.ackMessage(self._message)
        telling.forget_later(listener.amqpBroker, self._id)


def _status(result: SMPPOutboundTxnResult) -> CommandStatus:
    return result.response.status


def _unchain(pdu: SubmitSM) -> list[SubmitSM]:
    """The parts of a message, each by itself: Jasmin would wait for them in a way of its own."""
    parts = [pdu]
    while hasattr(parts[-1], "nextPdu"):
        following = parts[-1].nextPdu
        del parts[-1].nextPdu
        parts.append(following)
    return parts


def _chain(parts: list[SubmitSM]) -> None:
    for part, following in zip(parts, parts[1:], strict=False):
        part.nextPdu = following
