"""An organisation's whole opt-out list, for copies: the gateways', and CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from messaging.opt_outs.models import OptOut
from orbit.accounts.models import Organization
from orbit.api.envelope import timestamp
from orbit.spreadsheet_text import harmless

CHUNK = 2000  # rows in memory at a time
COLUMNS = ("number", "scope", "reason", "source", "created_at", "message_id", "id")


def entries(organization_id: str) -> tuple[int, Iterator[tuple[str, str]]]:
    """The list's version, and an iterator of (number, scope).

    The version is read first, so the entries may be newer but not older. It grows with every
    change; it is 0 if the list never had an entry or the organisation is gone.
    """
    version = versions([organization_id]).get(organization_id, 0)
    return version, _rows(organization_id, ("number", "scope"))


def versions(organization_ids: Iterable[str] | None = None) -> dict[str, int]:
    """The version of each list that has ever had an entry; of these organisations, or of all."""
    rows = Organization.objects.filter(opt_outs__gt=0).order_by()
    if organization_ids is not None:
        rows = rows.filter(pk__in=list(organization_ids))
    return dict(rows.values_list("pk", "opt_outs"))


def as_csv(organization_id: str) -> Iterator[str]:
    """Lines of CSV with a header, in a form that `importing` accepts."""
    writer = csv.writer(_Lines())
    yield writer.writerow(COLUMNS)
    for number, scope, reason, source, created_at, *ids in _rows(organization_id, COLUMNS):
        yield writer.writerow(
            [number, scope, harmless(reason), source, timestamp(created_at), *ids]
        )


class _Lines:
    """A file whose `write` returns the line."""

    def write(self, line: str) -> str:
        return line


def _rows(organization_id: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Read page by page, newest first, so that no database cursor stays open."""
    own = OptOut.objects.filter(organization=organization_id).order_by("-pk")
    page = own
    while rows := list(page.values_list("pk", *columns)[:CHUNK]):
        yield from (row[1:] for row in rows)
        if len(rows) < CHUNK:
            return
        page = own.filter(pk__lt=rows[-1][0])
