"""Counters of a credential's outcomes that only grow, for /metrics.

`folding` adds to them; sending a message does not touch them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from messaging import bulk_sums
from messaging.credentials.models import Credential
from messaging.quality.faults import Fault, fault_of
from messaging.quality.outcomes import Outcome
from messaging.usage.models import CredentialTotal, UsageRecord
from orbit.operations.retention import delete_in_chunks

Total = tuple[str, int]
"""What is counted, and the bucket of the receipt's delay (`outcomes.EDGES`)."""

STATES = {
    each.value: each.value for each in (Outcome.DELIVERED, Outcome.UNDELIVERED, Outcome.NO_RECEIPT)
}
_REFUSED = Outcome.REFUSED.value
FAULTS = {f"{_REFUSED}_{each.value}": each.value for each in Fault}


def add(rows: Iterable[UsageRecord]) -> None:
    """Add these counts to the sums of their credentials, in the caller's transaction."""
    sums: dict[tuple[str, str, int], int] = defaultdict(int)
    for row in rows:
        if (what := _counted(row)) and row.credential_id and row.messages > 0:
            sums[row.credential_id, what, row.bucket] += row.messages
    changed = {key: (count,) for key, count in sums.items()}
    bulk_sums.add(CredentialTotal, ("credential_id", "what", "bucket"), ("count",), changed)


def of(credential_ids: Collection[str]) -> dict[str, Mapping[Total, int]]:
    found: dict[str, dict[Total, int]] = defaultdict(dict)
    rows = CredentialTotal.objects.filter(credential_id__in=credential_ids)
    for credential_id, what, bucket, count in rows.values_list(
        "credential_id", "what", "bucket", "count"
    ):
        found[credential_id][what, bucket] = count
    return dict(found)


def prune_totals() -> int:
    """Delete the counters of deleted credentials; return how many."""
    there = Credential.objects.values("pk")
    return delete_in_chunks(CredentialTotal.objects.exclude(credential_id__in=there))


def _counted(row: UsageRecord) -> str:
    if row.outcome == _REFUSED:
        return f"{_REFUSED}_{fault_of(row.code)[0].value}"
    return row.outcome if row.outcome in STATES else ""
