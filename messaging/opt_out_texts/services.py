"""Decisions on near misses."""

from __future__ import annotations

from django.utils import timezone

from messaging.inbound.models import InboundMessage
from messaging.opt_out_texts.models import Decision, NearMiss
from messaging.opt_outs import services as opt_outs
from messaging.opt_outs.models import Source
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from orbit.api.errors import ApiError

DECIDED = "near_miss.decided"


def decide(
    *,
    by: Actor,
    organization: Organization,
    row: NearMiss,
    decision: Decision,
    source: Source = Source.API,
) -> None:
    """Add an opt-out for the sender, or dismiss the near miss. `row` comes from `selectors.lock`.

    Raises INVALID_STATE if it is decided already, if the text was deleted, or if its sender is not
    in E.164.
    """
    if row.decision:
        raise ApiError(
            "INVALID_STATE", f"{row.decided_by} has decided on this text: {row.decision}."
        )
    if decision == Decision.OPT_OUT:
        text = InboundMessage.objects.filter(organization=organization, pk=row.pk).first()
        if text is None:
            raise ApiError("INVALID_STATE", "The text was deleted, and its sender is not known.")
        if not text.from_is_e164:
            said = "The sender is no number in E.164. Add it to the list as one, and dismiss this."
            raise ApiError("INVALID_STATE", said)
        opt_outs.add(
            by=by,
            organization=organization,
            fields={"number": text.sender, "reason": f"asked in {text.pk}"},
            source=source,
            message_id=text.pk,
        )
    row.decision, row.decided_by, row.decided_at = decision, by.name[:254], timezone.now()
    row.save(update_fields=["decision", "decided_by", "decided_at"])
    audit.record(
        by=by, organization=organization, action=DECIDED, target=row.pk, detail=decision.value
    )
