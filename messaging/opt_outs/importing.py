"""Import opt-outs from CSV; each row is accepted or rejected by itself.

The columns are number, scope and reason, or those that a header with `number` names. The other
columns of an export are ignored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from messaging.numbers import MAX_TYPED, as_read, e164
from messaging.opt_outs import changes, scopes
from messaging.opt_outs.export import COLUMNS
from messaging.opt_outs.models import MAX_REASON, OptOut, Source
from messaging.pools.references import NO_SUCH_POOL
from orbit.accounts.models import Organization
from orbit.api.errors import ApiError
from orbit.api.json_types import character_fault
from orbit.api.parsers.csv_rows import Row

MAX_ROWS = 100_000  # good and bad
MAX_SHOWN = 10_000  # of the rejected ones
_ORDER = ("number", "scope", "reason")
ROW = "(row)"  # the name of faults that belong to no one field

Entry = tuple[str, str, str]
"""Number, scope, reason."""


@dataclass(frozen=True)
class Rejected:
    line: int
    field: str
    message: str


@dataclass
class Read:
    """The result of reading: valid rows, sorted, each once; `repeated`: how many repetitions there
    were."""

    entries: list[Entry] = field(default_factory=list)
    repeated: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    rejected_total: int = 0


@dataclass(frozen=True)
class Imported:
    added: int
    already: int
    rejected: list[Rejected]
    rejected_total: int
    dry_run: bool = False


class _BadCell(Exception):
    def __init__(self, name: str, message: str) -> None:
        self.field, self.message = name, message


def read(rows: Iterable[Row], *, pools: Collection[str]) -> Read:
    """Raises ApiError for a first line that names no columns, and for more than `MAX_ROWS` rows;
    ParseError where the body stops being CSV."""
    found, entries = Read(), {}
    reading = _Reader(pools)
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return found
    columns = _header(first.cells)
    body = rows if columns else _with(first, rows)
    for count, row in enumerate(body, start=1):
        if count > MAX_ROWS:
            raise _refused(f"The CSV has more than {MAX_ROWS} rows. Nothing was added.")
        try:
            number, scope, reason = reading.entry(row.cells, columns)
        except _BadCell as fault:
            found.rejected_total += 1
            if len(found.rejected) < MAX_SHOWN:
                found.rejected.append(Rejected(row.line, fault.field, fault.message))
            continue
        if (number, scope) in entries:
            found.repeated += 1
        else:
            entries[number, scope] = reason
    found.entries = [(*place, entries[place]) for place in sorted(entries)]
    return found


def write(organization: Organization, found: Read) -> Imported:
    """Put them on the list, in the caller's transaction."""
    new = changes.add_in_order(_rows(organization, found.entries))
    return _imported(found, sum(1 for _ in new), dry_run=False)


def tried(organization: Organization, found: Read) -> Imported:
    """What `write` would return, without writing."""
    rows, known = _rows(organization, found.entries), 0
    while chunk := list(islice(rows, changes.CHUNK)):
        known += len({changes.place_of(each) for each in chunk} & changes.there(chunk))
    return _imported(found, len(found.entries) - known, dry_run=True)


def _imported(found: Read, added: int, *, dry_run: bool) -> Imported:
    return Imported(
        added=added,
        already=len(found.entries) - added + found.repeated,
        rejected=found.rejected,
        rejected_total=found.rejected_total,
        dry_run=dry_run,
    )


def _rows(organization: Organization, entries: Iterable[Entry]) -> Iterator[OptOut]:
    for number, scope, reason in entries:
        yield OptOut(
            organization_id=organization.pk,
            number=number,
            scope=scope,
            source=Source.IMPORT,
            reason=reason,
        )


class _Reader:
    def __init__(self, pools: Collection[str]) -> None:
        self._pools = pools
        self._scopes: dict[str, str] = {}  # scopes as written: as stored

    def entry(self, cells: Sequence[str], columns: Sequence[str]) -> Entry:
        if len(cells) > len(columns or _ORDER):
            raise _BadCell(ROW, f"This row has {len(cells)} cells, not {len(columns or _ORDER)}.")
        named = dict(zip(columns or _ORDER, cells, strict=False))
        number = self._number(named.get("number", ""))
        scope = named.get("scope", "").strip() or scopes.ORGANIZATION
        return number, self._scope(scope), self._reason(named.get("reason", ""))

    def _number(self, text: str) -> str:
        try:
            return e164(as_read(text).strip() if len(text) <= MAX_TYPED else text)
        except ValueError as error:
            raise _BadCell("number", str(error)) from None

    def _scope(self, text: str) -> str:
        if text not in self._scopes:
            try:
                found = scopes.read(text)
            except ValueError as error:
                raise _BadCell("scope", str(error)) from None
            if scopes.is_pool(found) and found not in self._pools:
                raise _BadCell("scope", NO_SUCH_POOL)
            if len(self._scopes) > 1000:  # bounds the cache for files with a scope per row
                return found
            self._scopes[text] = found
        return self._scopes[text]

    def _reason(self, text: str) -> str:
        if len(text) > MAX_REASON:
            raise _BadCell("reason", f"Must have at most {MAX_REASON} characters.")
        is_plain = text.isascii() and "\0" not in text
        if not is_plain and (fault := character_fault(text)):
            raise _BadCell("reason", fault)
        return text.strip()


def _header(cells: Sequence[str]) -> list[str]:
    """The names in the header; [] if the first row is data."""
    names = [each.strip().lower() for each in cells]
    if "number" not in names:
        return []
    for place, name in enumerate(names):
        if name not in COLUMNS:
            known = ", ".join(COLUMNS)
            raise _refused(f"Column {place + 1} is none of {known}.")
        if name in names[:place]:
            raise _refused(f"Two columns are called {name}.")
    return names


def _with(first: Row, others: Iterable[Row]) -> Iterator[Row]:
    yield first
    yield from others


def _refused(message: str) -> ApiError:
    return ApiError(
        "VALIDATION_ERROR", message, field="(rows)", details={"expected": "number[,scope][,reason]"}
    )
