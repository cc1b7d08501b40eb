"""The history of binds: a row for each change of state."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from messaging.credentials.models import Credential
from reconciler.models import BindChange


def record(credential_ids: Sequence[str], state: str, reason: str) -> None:
    """Write a row for each of these binds that was not `state` before.

    Call it in the transaction that writes `state` to their statuses, before it does. The
    credentials are locked until its end. The state before is that of the bind's last row: the
    status may already hold what a person has just switched. Without a row it is that of the status.
    """
    last = BindChange.objects.filter(credential=OuterRef("pk")).order_by("-id").values("state")[:1]
    credentials = Credential.objects.filter(pk__in=credential_ids).order_by("pk")
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
        if was != state
    )
