"""Handing messages over to the gateway: claim a batch, submit it, write down what was answered.

A process that is killed between two of these steps leaves claims behind, which `sweeping.recover`
hands over again under the same name; a gateway with a lane takes each name once.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence

from django.utils import timezone

from messaging.gateway import Refusal, Refused, Submission, Submit, Trunk, Unknown
from messaging.messages import claims, settling
from messaging.messages.models import Message
from messaging.messages.tokens import Attempt, name_of, token_of
from messaging.smpp.protocol.text import encode_as
from messaging.smpp.tlvs import on_wire

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
        answers = submit(batch.claimed, batch.trunks)
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


def submit(messages: Sequence[Message], trunks: dict[str, Trunk]) -> list[Submission]:
    """Submit claimed messages, each under its attempt's own name; answers in their order.

    After an answer that was lost the others are not tried: a gateway that hangs would keep a
    worker for minutes. Nor is one whose lease is over: somebody else may have given it back by now.
    """
    answers: dict[str, Submission] = {}
    mine = defaultdict(list)
    for message in messages:
        mine[message.credential_id].append(message)
    for credential_id, batch in mine.items():
        now = timezone.now()
        in_time = [each for each in batch if now < each.leased_until]
        if any(isinstance(answer, Unknown) for answer in answers.values()) or not in_time:
            continue
        told = trunks[credential_id].submit_many([_submit(each) for each in in_time])
        answers |= zip((each.pk for each in in_time), told, strict=True)
    return [answers.get(message.pk, _NOT_TRIED) for message in messages]


def _submit(message: Message) -> Submit:
    attempt = Attempt(message.pk, message.attempt)
    return Submit(
        token=name_of(attempt),
        dlr_token=token_of(attempt),
        sender=message.sender,
        to=message.to,
        text=encode_as(message.body, message.encoding),
        # Those of the credential are its connector's to add.
        tlvs=tuple((tlv.tag, tlv.value) for tlv in on_wire(message.tlvs)),
    )
