"""Reading and writing the parts of a page: as rows, in a few statements for all.

Instances of the model would take longer to make than everything else that is done with them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from messaging import bulk
from messaging.receipts.models import Part

MOST_OF_A_KEY = 100  # parts, the latest: a carrier may give each of its messages the same id


@dataclass(slots=True, eq=False)
class PartRow:
    """A row of `models.Part`; `pk` None: it is not written yet."""

    pk: int | None
    owner: str
    attempt: int
    number: int
    of: int
    credential_id: str | None
    account: str
    status: int | None
    carrier_id: str
    id_key: str
    answered_at: datetime
    state: str = ""
    word: str = ""
    error: str = ""
    reported_at: datetime | None = None

    @property
    def place(self) -> tuple[str, int, int]:
        """Owner, attempt and number: unique."""
        return self.owner, self.attempt, self.number


Found = Mapping[tuple[str, str], Sequence[PartRow]]
"""By account and key, the latest first."""

_NEW = (
    "owner",
    "attempt",
    "number",
    "of",
    "credential_id",
    "account",
    "status",
    "carrier_id",
    "id_key",
    "answered_at",
    "state",
    "word",
    "error",
    "reported_at",
)
_COLUMNS = ("id", *_NEW)
_REPORTED = ("state", "word", "error", "reported_at")
# `NOT (… = '')` is how the index says it, which SQLite takes by the letter.
_LATEST = {
    "postgresql": (
        "SELECT latest.id FROM json_array_elements(%s::json) AS wanted(pair), LATERAL ("
        "SELECT id FROM messaging_part WHERE NOT (id_key = '') AND account = pair->>0 "
        "AND id_key = pair->>1 ORDER BY id DESC LIMIT %s) AS latest"
    ),
    "sqlite": (
        "SELECT id FROM (SELECT part.id, row_number() OVER ("
        "PARTITION BY part.account, part.id_key ORDER BY part.id DESC) AS place "
        "FROM json_each(%s) AS wanted JOIN messaging_part AS part ON NOT (part.id_key = '') "
        "AND part.account = json_extract(wanted.value, '$[0]') "
        "AND part.id_key = json_extract(wanted.value, '$[1]')) AS found WHERE place <= %s"
    ),
}


def with_keys(wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], list[PartRow]]:
    """Parts of these accounts and keys, in one statement: the latest `MOST_OF_A_KEY` of each."""
    found: dict[tuple[str, str], list[PartRow]] = defaultdict(list)
    if wanted:
        pairs = json.dumps(sorted(wanted))
        latest = _LATEST[connection.vendor]
        ids = RawSQL(latest, [pairs, MOST_OF_A_KEY])  # nosec B611  # a constant; values are bound
        for row in _read(Part.objects.filter(pk__in=ids).order_by("-pk")):
            found[row.account, row.id_key].append(row)
    return found


def of_owners(owners: Collection[str]) -> list[PartRow]:
    """All parts of these messages and tests, those of each in their order."""
    if not owners:
        return []
    return _read(Part.objects.filter(owner__in=owners).order_by("number"))


def owners_of_keys(keys: Iterable[str]) -> list[str]:
    """The messages and tests of any account that have a part with one of these keys, the latest
    first; of each key `MOST_OF_A_KEY` parts are looked at."""
    found: dict[int, str] = {}
    for key in keys:
        # In the order of the index that has the keys.
        rows = Part.objects.filter(~Q(id_key=""), id_key=key).order_by("-account", "-id")
        found |= dict(rows.values_list("pk", "owner")[:MOST_OF_A_KEY])
    return list(dict.fromkeys(found[pk] for pk in sorted(found, reverse=True)))


def write(new: Iterable[PartRow], reported: Iterable[PartRow]) -> None:
    """Insert new parts, unless they are stored already, and write the receipts of others."""
    rows = [tuple(getattr(each, name) for name in _NEW) for each in new]
    bulk.insert(Part, _NEW, rows, ignore_conflicts=True)
    values = {
        each.pk: {name: getattr(each, name) for name in _REPORTED}
        for each in reported
        if each.pk is not None
    }
    bulk.update(Part, values, _REPORTED)


def _read(rows: QuerySet[Part]) -> list[PartRow]:
    return [PartRow(*row) for row in rows.values_list(*_COLUMNS)]
