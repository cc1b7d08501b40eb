"""Recent entries of an opt-out list, for copies that already have the older ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from messaging.opt_outs.export import versions
from messaging.opt_outs.models import ID_PREFIX, OptOut
from orbit.ids import surely_before

MOST = 5_000  # entries; above that the copy is made anew


@dataclass(frozen=True)
class Recent:
    """A list of `count` entries at `version` or later. `entries`: the recent ones, (number, scope)
    by id; None if there are more than `MOST`."""

    version: int
    count: int
    entries: Mapping[str, tuple[str, str]] | None


def recent(organization_id: str, *, since: datetime) -> Recent:
    """The list with its entries since `since` (and some from just before).

    The version is read first and the entries last. So an entry may be newer than the version, and
    then comes again with the next one; a removal in between shows in the count.
    """
    version = versions([organization_id]).get(organization_id, 0)
    rows = OptOut.objects.filter(organization=organization_id).order_by()
    count = rows.count()
    new = rows.filter(pk__gte=surely_before(ID_PREFIX, since))
    found = {pk: (number, scope) for pk, number, scope in new.values_list(
        "pk", "number", "scope")[: MOST + 1]}  # fmt: skip
    return Recent(version, count, found if len(found) <= MOST else None)
