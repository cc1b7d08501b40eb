"""What was accepted, written and answered, and what is still to be told: in files.

One line an event:

- `A {…}`: a submit was accepted, or taken along from a file that goes (`message`).
- `W TOKEN PART`: before the first octet of this part's submit_sm reaches a socket.
- `R TOKEN PART`: the carrier refused it for now, and the lane tries it again: not with the carrier.
- `L {"n":N,…}`: a record of the log (`records`). It ends a part, or the message, or is a delivery.
- `E`: an orderly end.

So `accepted -> written -> answered -> told` can be read after a kill anywhere. Everything of one
turn goes out in one write. What a file holds may go once the site has kept its last record and
no message that was accepted in it is open; where few of these are left, they are taken along.

A kill loses nothing of what was written. What a power cut may lose is bounded by `keep`, which the
lane awaits before it answers anybody; only marks of writing (`W`) are not awaited, so that after a
restart of the machine without an orderly end all that was open counts as written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from reconciler.launcher.lane.journal import log_records
from reconciler.launcher.lane.journal.ended_tokens import Remembered, digest
from reconciler.launcher.lane.journal.recovery import MARK, Recovery
from reconciler.launcher.lane.journal.segment_files import OCTETS, Segment, Segments
from reconciler.launcher.lane.message import ENDED, WAITING, WRITTEN, Message, dump

MOST_OCTETS = 512_000_000  # of all files: then nothing more is accepted
CARRY_AFTER = 4  # files: open messages of the oldest are taken along
TAIL = 4_000  # records that are held for readers
TAIL_OCTETS = 8_000_000


class Journal:
    """`open`: messages by token. Raises OSError if the folder can't be read or written."""

    def __init__(self, folder: Path, *, most_octets: int = MOST_OCTETS) -> None:
        self._most_octets = most_octets
        self._segments = Segments(folder)
        self._remembered = Remembered(folder)
        found = Recovery(self._segments, self._remembered)
        self.open: dict[str, Message] = found.open
        self.is_doubtful = found.is_doubtful  # the machine was restarted: marks may be missing
        self.last = found.last  # number of the last record
        self.kept = 0  # up to here the site has kept them
        self._pending: list[bytes] = []
        self._ending: list[Message] = []  # whose last record is pending
        self._tail: list[bytes] = []
        self._tail_octets = 0
        self._segments.begin(self.last)

    @property
    def log(self) -> str:
        return self._segments.log

    @property
    def first(self) -> int:
        """Number of the first record that is still there."""
        segments = self._segments
        return (segments.old[0] if segments.old else segments.current).before + 1

    @property
    def is_full(self) -> bool:
        return self._segments.size >= self._most_octets

    def knows(self, token: str) -> bool:
        """Whether it was accepted before."""
        return token in self.open or digest(token) in self._remembered

    def accept(self, messages: Sequence[Message]) -> None:
        """Raises OSError: then none is."""
        self._write([b"A " + dump(message) for message in messages])
        segment = self._segments.current
        for message in messages:
            self.open[message.submit.token] = message
            message.segment = segment.number
        segment.open += len(messages)

    def write(self, parts: Iterable[tuple[Message, int]]) -> None:
        """Before these are handed to a socket. Raises OSError: then they may not be."""
        self._write([f"W {message.submit.token} {part}".encode() for message, part in parts])
        for message, part in parts:
            message.states[part] = WRITTEN

    def try_again(self, message: Message, part: int) -> None:
        """The carrier has refused it for now. Written with the next `commit` or before."""
        message.states[part] = WAITING
        self._pending.append(f"R {message.submit.token} {part}".encode())

    def end(self, message: Message, part: int, record: bytes) -> None:
        """Written with the next `commit`, or whenever that is possible again."""
        message.states[part] = ENDED
        message.open -= 1
        self._pending.append(record)
        if not message.open:
            self._close(message)

    def end_all(self, message: Message, record: bytes) -> None:
        """No part of it was written."""
        message.states = bytearray([ENDED]) * len(message.states)
        message.open = 0
        self._pending.append(record)
        self._close(message)

    def commit(self) -> None:
        """Raises OSError; what is pending stays so."""
        if self._pending:
            self._write([])

    def probe(self) -> None:
        """Raises OSError while nothing can be written."""
        self._write([b"-"])

    def deliver(self, records_: Sequence[bytes]) -> None:
        """Raises OSError: then they are not in the log."""
        if self.is_full:
            raise OSError("the log is full: nobody reads it")
        self._write(records_)

    def unkept(self) -> list[int]:
        return self._segments.unkept()

    def keep(self, files: list[int]) -> None:
        """In a thread: hand to the disk what `unkept` gave. Raises OSError."""
        self._segments.keep(files)

    def close(self) -> None:
        """An orderly end. Raises OSError."""
        self._write([b"E"])
        self.keep(self.unkept())

    def read(self, after: int, limit: int, octets: int = 4_000_000) -> list[bytes]:
        """Records from `after` + 1 on (JSON), or from the first that is there."""
        start = max(after + 1, self.first)
        tail_first = self.last - len(self._tail) + 1
        if start >= tail_first:
            found = self._tail[start - tail_first : start - tail_first + limit]
        else:
            found = self._read_file(start, limit)
        size = 0
        for index, record in enumerate(found):
            size += len(record)
            if size > octets and index:
                return found[:index]
        return found

    def told(self, after: int) -> None:
        """The site has kept everything up to `after`; files that nobody needs any more go."""
        if after > self.kept:
            self.kept = after
        while self._segments.old and self._is_over(self._segments.old[0]):
            oldest = self._segments.old[0]
            self._segments.drop(oldest)
            self._remembered.told(oldest.number, oldest.ended)
        self._remembered.forget()

    def _is_over(self, segment: Segment) -> bool:
        if segment.last > self.kept:
            return False
        if segment.open and len(self._segments.old) >= CARRY_AFTER:
            self._carry(segment)
        return not segment.open

    def _carry(self, segment: Segment) -> None:
        along = [each for each in self.open.values() if each.segment == segment.number]
        try:
            self._write([b"A " + dump(message) for message in along])
            self._segments.keep_now()
        except OSError:
            return  # later
        for message in along:
            message.segment = self._segments.current.number
        self._segments.current.open += len(along)
        segment.open = 0

    def _write(self, lines: Sequence[bytes]) -> None:
        """What is pending, then `lines`; records among both get their numbers."""
        if self._segments.current.size >= OCTETS:
            self._begin()
        number, out, new = self.last, [], []
        offset, marks = self._segments.current.size, []
        for line in (*self._pending, *lines):
            if line.startswith(log_records.START):
                number += 1
                line = log_records.numbered(line, number)
                new.append(line)
                line = b"L " + line
                if number % MARK == 0 or len(new) == 1:
                    marks.append((number, offset))
            out.append(line)
            offset += len(line) + 1
        out.append(b"")
        self._segments.append(b"\n".join(out))
        self._pending.clear()
        self._written(number, new, marks)

    def _begin(self) -> None:
        try:
            self._segments.begin(self.last)
        except OSError:
            return  # the current one is as good while it can be written

    def _written(self, number: int, new: list[bytes], marks: list[tuple[int, int]]) -> None:
        segment = self._segments.current
        self.last = segment.last = number
        for mark in marks:
            if not segment.marks or mark[0] - segment.marks[-1][0] >= MARK:
                segment.marks.append(mark)
        segment.ended.extend(digest(message.submit.token) for message in self._ending)
        self._ending.clear()
        self._tail.extend(new)
        self._tail_octets += sum(map(len, new))
        if len(self._tail) > 2 * TAIL or self._tail_octets > 2 * TAIL_OCTETS:
            self._trim()

    def _trim(self) -> None:
        while len(self._tail) > TAIL or self._tail_octets > TAIL_OCTETS:
            half = len(self._tail) // 2 + 1
            self._tail_octets -= sum(map(len, self._tail[:half]))
            del self._tail[:half]

    def _close(self, message: Message) -> None:
        token = message.submit.token
        del self.open[token]
        self._ending.append(message)
        self._remembered.add(digest(token))
        for segment in (self._segments.current, *self._segments.old):
            if segment.number == message.segment:
                segment.open -= 1
                return

    def _read_file(self, start: int, limit: int) -> list[bytes]:
        place = self._segments.find(start)
        if place is None:
            return []
        segment, offset = place
        found: list[bytes] = []
        for _, line in self._segments.lines(segment, offset):
            if line.startswith(b"L ") and log_records.number(line[2:]) >= start:
                found.append(line[2:])
                if len(found) == limit:
                    break
        return found
