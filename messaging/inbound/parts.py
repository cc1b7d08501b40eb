"""Parts of texts: stored until the other parts have arrived, then told as one text.

`arrive` takes the parts in a page of a gateway's log, in its transaction. `look` is called by a
sweep (`recovery`) for parts that have waited long enough. `joining` decides which parts belong
together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from messaging.inbound import joining, pdus
from messaging.inbound.joining import AGAIN, SETTLE, Gathered, Piece, Waiting
from messaging.inbound.models import InboundPdu

MOST_OPEN = 1000  # waiting parts with one key; further ones are told one by one
_NAMESPACE = 0x696E  # "in": keeps these advisory locks apart from others


@dataclass(frozen=True)
class Told:
    """The PDUs of one text, in the order of its parts; `of`: how many parts it has."""

    rows: Sequence[InboundPdu]
    of: int = 1

    @property
    def is_whole(self) -> bool:
        return len(self.rows) == self.of


Waits = Callable[[str | None], timedelta]
"""How long parts wait that arrived by a credential."""


def arrive(new: Sequence[InboundPdu], waits: Waits, now: datetime) -> list[Told]:
    """Join new, unsaved parts to waiting ones; return the texts that are complete now.

    Sets `due_at` of all rows. The caller writes the rows of `Told` texts; stored rows that wait
    until another time are written here.
    """
    if not new:
        return []
    _one_at_a_time({row.account for row in new})
    since = min(row.received_at for row in new) - AGAIN
    stored = pdus.with_keys({row.join_key for row in new}, since=since)
    by_key: dict[str, list[InboundPdu]] = {}
    for row in new:
        row.expires_at = row.due_at = now + waits(row.credential_id)
        by_key.setdefault(row.join_key, []).append(row)
    told: list[Told] = []
    later: list[InboundPdu] = []
    for key, rows in by_key.items():
        found = stored.get(key, [])
        if sum(row.due_at is not None for row in found) > MOST_OPEN:
            told += [Told([row], row.of) for row in rows]
            continue
        waiting = _gathered([*found, *rows], waits)
        told += map(_told, waiting.whole)
        if waiting.is_unsettled:
            for row in _rows(waiting):
                row.due_at = now + SETTLE
                later.append(row)
    pdus.write(row for row in later if row.pk)
    return told


def look(stored: Iterable[Sequence[InboundPdu]], waits: Waits, now: datetime) -> list[Told]:
    """Join parts that are due; return the texts to tell.

    `stored`: for each key all of its rows, locked. Repetitions that fill no gap become copies of
    what they repeat.
    """
    told: list[Told] = []
    later: list[InboundPdu] = []
    for rows in stored:
        if any(row.due_at and now < row.due_at < row.expires_at for row in rows):
            continue  # another part has arrived meanwhile
        waiting = _gathered(rows, waits)
        told += map(_told, [*waiting.whole, *waiting.settled(), *_expired(waiting, now)])
        for row in _rows(waiting):
            row.due_at = row.expires_at
            later.append(row)
    pdus.write(later)
    return told


def _expired(waiting: Waiting, now: datetime) -> Iterator[Gathered]:
    """Take out texts whose time is over. Contested texts go together: a part of one may belong to
    another."""
    gone = [text for text in waiting.texts if text.first.row.expires_at <= now]
    if gone and waiting.is_contested:
        gone = waiting.texts
    pieces = {id(piece) for text in gone for piece in text.pieces}
    yield from (each for each in waiting.given_up() if id(each.first) in pieces)
    waiting.texts = [text for text in waiting.texts if text not in gone]
    over = [piece for piece in waiting.spare if piece.row.expires_at <= now]
    waiting.spare = [piece for piece in waiting.spare if piece not in over]
    _become_copies(over)


def _become_copies(pieces: Iterable[Piece]) -> None:
    originals: dict[int, InboundPdu] = {}
    gone = []
    for piece in pieces:
        if piece.repeats is None:
            continue
        original = piece.repeats.row
        original.copies = [*original.copies, pdus.copy_of(piece.row)]
        originals[original.pk] = original
        gone.append(piece.row.pk)
    if gone:
        pdus.note_copies(originals.values())
        InboundPdu.objects.filter(pk__in=gone).delete()


def _gathered(rows: Iterable[InboundPdu], waits: Waits) -> Waiting:
    return joining.gather(joining.in_order([_piece(row, waits) for row in rows]))


def _piece(row: InboundPdu, waits: Waits) -> Piece:
    return Piece(
        number=row.part,
        of=row.of,
        content=(row.octets, row.data_coding),
        at=row.received_at,
        wait=waits(row.credential_id),
        text=None if row.due_at else row.message_id or "",
        row=row,
    )


def _told(gathered: Gathered) -> Told:
    return Told([piece.row for piece in gathered.pieces], gathered.first.of)


def _rows(waiting: Waiting) -> Iterator[InboundPdu]:
    for text in waiting.texts:
        yield from (piece.row for piece in text.pieces)
    yield from (piece.row for piece in waiting.spare)


def _one_at_a_time(accounts: set[str]) -> None:
    """Lock these accounts until the transaction ends.

    Two receivers may have parts of one text: if the organisation was moved to another gateway, the
    logs of both are being read.
    """
    if connection.vendor == "postgresql":  # SQLite has one writer
        statement = (
            "SELECT pg_advisory_xact_lock(%s, hashtext(each)) FROM unnest(%s::text[]) AS each"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [_NAMESPACE, sorted(accounts)])
