"""The history of binds: a row when one changes, and none while it stays as it is."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from messaging.credentials.models import CredentialStatus
from reconciler.models import BindChange


def record(credential_ids: Sequence[str], state: str, reason: str) -> None:
    """Write down which of these binds become `state`; call it before their statuses say so.

    What a bind was is what its last row says: a status may hold what a person has just switched
    and no pass has seen yet. One without a row was what its status says.
    """
    last = BindChange.objects.filter(credential=OuterRef("pk")).order_by("-id").values("state")[:1]
    statuses = CredentialStatus.objects.filter(pk__in=credential_ids).annotate(last=Subquery(last))
    before = {
        pk: found or (known if since else "")
        for pk, found, known, since in statuses.values_list(
            "pk", "last", "bind_state", "bind_since"
        )
    }
    now = timezone.now()
    BindChange.objects.bulk_create(
        BindChange(credential_id=pk, before=before.get(pk, ""), state=state, reason=reason, at=now)
        for pk in credential_ids
        if before.get(pk) != state
    )
