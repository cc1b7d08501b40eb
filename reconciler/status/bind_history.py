"""The history of binds: a row for each change of state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from messaging.credentials.models import Credential
from reconciler.models import BindChange


def record(credential_ids: Sequence[str], state: str, reason: str) -> None:
    """`record_many` of binds that all have the same state, for the same reason."""
    record_many(dict.fromkeys(credential_ids, (state, reason)))


def record_many(states: Mapping[str, tuple[str, str]]) -> None:
    """Write a row for each of these binds that was not in this state before. `states`: state and
    reason, by the credential's id. Two statements, however many binds there are.

    Call it in the transaction that writes the states to the statuses, and before that write. The
    credentials are locked until its end. The state before is that of the bind's last row, since the
    status may already hold what a person has just switched; without a row it is that of the status.
    """
    if not states:
        return
    last = BindChange.objects.filter(credential=OuterRef("pk")).order_by("-id").values("state")[:1]
    credentials = Credential.objects.filter(pk__in=states).order_by("pk")
    rows = (
        credentials.select_for_update(of=("self",), no_key=True)
        .annotate(last=Subquery(last))
        .values_list("pk", "last", "status__bind_state", "status__bind_since")
    )
    now = timezone.now()
    before = {pk: found or (known if since else "") for pk, found, known, since in rows}
    BindChange.objects.bulk_create(
        BindChange(credential_id=pk, before=was, state=state, reason=reason, at=now)
        for pk, was in before.items()
        for state, reason in [states[pk]]
        if was != state
    )
