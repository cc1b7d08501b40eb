"""Submit claimed messages to the gateway, one request for those of each credential."""

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
    """Submit claimed messages, each under its attempt's token; answers in their order.

    After a lost answer no more are submitted to that gateway: if it hangs it would keep the worker
    for minutes. After the lease has expired none are submitted: another worker may have claimed
    them.
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
        # A gateway with a lane needs no report address; signing one costs more than everything else
        # here.
        dlr_token=dlr_token_of(attempt) if signed else "",
        sender=claim.sender,
        to=claim.to,
        text=claim.text,
        # The connector adds the TLVs of the credential.
        tlvs=tuple((tlv.tag, tlv.value) for tlv in on_wire(claim.tlvs)) if claim.tlvs else (),
    )
