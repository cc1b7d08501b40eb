"""Handing messages over to the gateway: claim a batch, submit it, write down what was answered.

A process that is killed between two of these steps leaves claims behind, which `sweeping.recover`
hands over again under the same address; the gateway takes each address once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from django.utils import timezone

from messaging import gateway
from messaging.gateway import Refusal, Refused, Submission, Trunk, Unknown
from messaging.messages import claims, settling
from messaging.messages.models import Message
from messaging.messages.tokens import Attempt, token_of

HANDS = 4  # submits at once of one batch
PATIENCE = 3.0  # seconds of one organisation's batches; then it is another one's turn
NOW, SOON, LATER = 0.0, 0.1, 1.0  # seconds until the next look

# Of these the next carrier may be better; the others concern the gateway as a whole.
_ELSEWHERE = frozenset({Refusal.NOT_BOUND, Refusal.NOT_SYNCED})
_NOT_TRIED = Refused(Refusal.UNAVAILABLE, "", True)


def route(organization_id: str) -> float | None:
    """Hand over what is due; return seconds until the next look, None if nothing waits for one."""
    until = time.monotonic() + PATIENCE
    unbound: set[str] = set()
    while time.monotonic() < until:
        batch = claims.claim(organization_id, without=unbound)
        if not batch.claimed:
            # Room comes back all the time; binds are looked at by passes.
            return SOON if batch.is_full else LATER if batch.waits else None
        answers = _in_this_life(batch, submit(batch.claimed, batch.trunks))
        settling.settle(batch.claimed, answers, at=batch.at)
        refused = [
            (message.credential_id, answer.kind)
            for message, answer in zip(batch.claimed, answers, strict=True)
            if isinstance(answer, Refused)
        ]
        unbound |= {credential for credential, kind in refused if kind in _ELSEWHERE}
        if any(kind is Refusal.UNAVAILABLE for _, kind in refused):
            return LATER
    return NOW


def _in_this_life(batch: claims.Batch, answers: list[Submission]) -> list[Submission]:
    """The same, once more where another process of the gateway answered than the one that was
    known: nobody has taken these, so they need no new choice, which would cost senders a turn."""
    strange = [
        number
        for number, answer in enumerate(answers)
        if isinstance(answer, Refused) and answer.kind is Refusal.ANOTHER_LIFE
    ]
    messages = [batch.claimed[number] for number in strange]
    found = gateway.trunks({message.credential_id for message in messages}) if messages else {}
    trunks = {pk: trunk for pk, trunk in found.items() if not isinstance(trunk, Refused)}
    if not messages or len(trunks) < len(found):
        return answers
    for life in {trunk.life for trunk in trunks.values()}:
        mine = [each for each in messages if trunks[each.credential_id].life == life]
        claims.move(mine, life, at=batch.at)
    for number, answer in zip(strange, submit(messages, trunks), strict=True):
        answers[number] = answer
    return answers


def submit(messages: Collection[Message], trunks: dict[str, Trunk]) -> list[Submission]:
    """Submit claimed messages, each under its attempt's own address; answers in their order.

    After an answer that was lost the others are not tried: a gateway that hangs would keep a
    worker for minutes. Nor is one whose lease is over: somebody else may have given it back by now.
    """
    lost = threading.Event()

    def hand_over(message: Message) -> Submission:
        if lost.is_set() or timezone.now() >= message.leased_until:
            return _NOT_TRIED
        answer = trunks[message.credential_id].submit(
            sender=message.sender,
            to=message.to,
            text=message.body,
            dlr_token=token_of(Attempt(message.pk, message.attempt)),
            life=message.life,
        )
        if isinstance(answer, Unknown):
            lost.set()
        return answer

    with ThreadPoolExecutor(HANDS) as hands:
        return list(hands.map(hand_over, messages))
