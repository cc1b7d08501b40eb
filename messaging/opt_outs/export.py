"""The list of an organisation as a whole, for copies of it: those of gateways, and CSV."""

from __future__ import annotations

from collections.abc import Iterator

from messaging.opt_outs.models import OptOut
from orbit.accounts.models import Organization

CHUNK = 2000  # rows in memory at a time


def entries(organization_id: str) -> tuple[int, Iterator[tuple[str, str]]]:
    """The list's version, and each (number, scope), read as they are asked for.

    The version was read before the entries: these may be newer, and are never older. It grows with
    every change and never falls; 0 if the list has never had an entry, or the organisation is gone.
    """
    version = versions([organization_id]).get(organization_id, 0)
    rows = OptOut.objects.filter(organization=organization_id).order_by()
    return version, rows.values_list("number", "scope").iterator(CHUNK)


def versions(organization_ids: list[str] | None = None) -> dict[str, int]:
    """The version of each list that has ever had an entry; of these organisations, or of all."""
    rows = Organization.objects.filter(opt_outs__gt=0).order_by()
    if organization_ids is not None:
        rows = rows.filter(pk__in=organization_ids)
    return dict(rows.values_list("pk", "opt_outs"))
