"""Handing claimed messages over to the gateway, one request for those of each credential."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from messaging.gateway import Refusal, Refused, Submission, Submit, Trunk, Unknown
from messaging.leases import Lease
from messaging.messages.attempt_tokens import Attempt, dlr_token_of, token_of
from messaging.messages.dispatch.claim import Claim
from messaging.smpp.custom_tlvs import on_wire

_NOT_TRIED = Refused(Refusal.UNAVAILABLE, "", True)


def submit(
    claims: Sequence[Claim], trunks: Mapping[str, Trunk], *, lease: Lease
) -> list[Submission]:
    """Submit claimed messages, each under its attempt's own name; answers in their order.

    After an answer that was lost the others of that gateway are not tried: one that hangs would
    keep a worker for minutes. Nor are any once the lease is over: another worker may have given
    them back by now.
    """
    answers: dict[str, Submission] = {}
    mine, hanging = defaultdict(list), set()
    for each in claims:
        mine[each.credential_id].append(each)
    for credential_id, some in mine.items():
        if not lease.holds():
            break
        trunk = trunks[credential_id]
        if trunk.lane in hanging:
            continue
        told = trunk.submit_many([_submit(each, signed=not trunk.lane) for each in some])
        answers |= zip((each.id for each in some), told, strict=True)
        if any(isinstance(answer, Unknown) for answer in told):
            hanging.add(trunk.lane)
    return [answers.get(each.id, _NOT_TRIED) for each in claims]


def _submit(claim: Claim, *, signed: bool) -> Submit:
    attempt = Attempt(claim.id, claim.attempt)
    return Submit(
        token=token_of(attempt),
        # A gateway with a lane has no use for an address: signing it costs more than all else here.
        dlr_token=dlr_token_of(attempt) if signed else "",
        sender=claim.sender,
        to=claim.to,
        text=claim.text,
        # Those of the credential are its connector's to add.
        tlvs=tuple((tlv.tag, tlv.value) for tlv in on_wire(claim.tlvs)) if claim.tlvs else (),
    )
