"""What is new on a list, for copies that have the rest of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from messaging.opt_outs.export import versions
from messaging.opt_outs.models import ID_PREFIX, OptOut
from orbit.ids import surely_before

MOST = 5_000  # entries; with more a copy is made anew


@dataclass(frozen=True)
class Recent:
    """A list of `count` entries at `version` or later, and those made lately: (number, scope) by
    id; None if they are many."""

    version: int
    count: int
    entries: Mapping[str, tuple[str, str]] | None


def recent(organization_id: str, *, since: datetime) -> Recent:
    """The list, and its entries since then (and some from a moment before).

    The version is read first and the entries last: what is newer than the version is told once more
    with the next one, and a removal meanwhile shows then in the count.
    """
    version = versions([organization_id]).get(organization_id, 0)
    rows = OptOut.objects.filter(organization=organization_id).order_by()
    count = rows.count()
    new = rows.filter(pk__gte=surely_before(ID_PREFIX, since))
    found = {pk: (number, scope) for pk, number, scope in new.values_list(
        "pk", "number", "scope")[: MOST + 1]}  # fmt: skip
    return Recent(version, count, found if len(found) <= MOST else None)
