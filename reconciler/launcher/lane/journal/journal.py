"""The lane's write-ahead log: what was accepted, written to the carrier, and answered.

One event a line:

- `A {…}`: a submit was accepted, or carried over from a file that will be deleted (`message`).
- `W TOKEN PART`: this part's submit_sm is about to be written to the socket.
- `R TOKEN PART`: the carrier refused this part for now; it waits for a retry.
- `L {"n":N,…}`: a record of the log (`log_records`): a part or a message ended, or a delivery came.
- `E`: an orderly end of the process.

So `accepted -> written -> answered -> read by the site` can be restored after a kill at any moment.
All events of one reactor turn go out in one write. A file is deleted once the site has its last
record and no message accepted in it is open; a few open messages are carried over to a newer file.

A kill loses nothing that was written. A power cut may lose what was not synced: the lane awaits the
sync before it answers anybody, except for `W` lines. After a restart of the machine without an
orderly end every open part therefore counts as written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from reconciler.launcher.lane.journal import log_records
from reconciler.launcher.lane.journal.ended_tokens import EndedTokens, digest
from reconciler.launcher.lane.journal.recovery import OFFSET_EVERY, Recovery
from reconciler.launcher.lane.journal.segment_files import SEGMENT_OCTETS, Segment, Segments
from reconciler.launcher.lane.message import ENDED, WAITING, WRITTEN, Message, dump

MAX_OCTETS = 512_000_000  # of all files; at this size nothing more is accepted
CARRY_OVER_AFTER = 4  # files; with more, open messages of the oldest are carried over
TAIL = 4_000  # last records, held in memory for readers
TAIL_OCTETS = 8_000_000


class Journal:
    """`open`: messages with parts that have not ended, by token. `last`: number of the last record.

    Raises OSError if the folder can't be read or written.
    """

    def __init__(self, folder: Path, *, max_octets: int = MAX_OCTETS) -> None:
        self._max_octets = max_octets
        self._segments = Segments(folder)
        self._ended_tokens = EndedTokens(folder)
        found = Recovery(self._segments, self._ended_tokens)
        self.open: dict[str, Message] = found.open
        self.is_doubtful = found.is_doubtful  # the machine was restarted: `W` lines may be missing
        self.last = found.last
        self.acknowledged = 0  # the last record that the site has stored
        self._pending: list[bytes] = []
        self._ending: list[Message] = []  # their last record is pending
        self._tail: list[bytes] = []
        self._tail_octets = 0
        self._segments.begin(self.last)

    @property
    def log(self) -> str:
        """Id of this store: another folder has another one."""
        return self._segments.log

    @property
    def first(self) -> int:
        """Number of the first record that is still there."""
        segments = self._segments
        return (segments.old[0] if segments.old else segments.current).last_before + 1

    @property
    def folder(self) -> Path:
        return self._segments.folder

    @property
    def octets(self) -> int:
        """Of all files."""
        return self._segments.size

    @property
    def max_octets(self) -> int:
        """With so many it is full."""
        return self._max_octets

    @property
    def is_full(self) -> bool:
        """Whether the files have reached their limit: the site has not read the log."""
        return self._segments.size >= self._max_octets

    def knows(self, token: str) -> bool:
        """Whether it was accepted before."""
        return token in self.open or digest(token) in self._ended_tokens

    def accept(self, messages: Sequence[Message]) -> None:
        """Store them, all or (OSError) none."""
        self._write([b"A " + dump(message) for message in messages])
        segment = self._segments.current
        for message in messages:
            self.open[message.submit.token] = message
            message.segment = segment.number
        segment.open += len(messages)

    def write(self, parts: Iterable[tuple[Message, int]]) -> None:
        """To be called before these go to the socket. Raises OSError: then they must not go."""
        self._write([f"W {message.submit.token} {part}".encode() for message, part in parts])
        for message, part in parts:
            message.states[part] = WRITTEN

    def try_again(self, message: Message, part: int) -> None:
        """The carrier refused the part for now. Written with the next `commit` or before."""
        message.states[part] = WAITING
        self._pending.append(f"R {message.submit.token} {part}".encode())

    def end(self, message: Message, part: int, record: bytes) -> None:
        """The part ends with this record. Written with the next `commit` that does not fail."""
        message.states[part] = ENDED
        message.open -= 1
        self._pending.append(record)
        if not message.open:
            self._forget(message)

    def end_all(self, message: Message, record: bytes) -> None:
        """The message ends with this record; no part of it was written to the carrier."""
        message.states = bytearray([ENDED]) * len(message.states)
        message.open = 0
        self._pending.append(record)
        self._forget(message)

    def add(self, record: bytes) -> int:
        """A record of no submit. Written with the next `commit` that does not fail. Its number is
        not above the one that is returned."""
        self._pending.append(record)
        return self.last + len(self._pending)

    def commit(self) -> None:
        """Write what is pending. Raises OSError: it stays pending."""
        if self._pending:
            self._write([])

    def probe(self) -> None:
        """Write a line without meaning. Raises OSError while the disk takes none."""
        self._write([b"-"])

    def deliver(self, records_: Sequence[bytes]) -> None:
        """Write records of what the carrier sent, all or (OSError) none."""
        if self.is_full:
            raise OSError("the log is full: nobody reads it")
        self._write(records_)

    def unsynced(self) -> list[int]:
        """File descriptors for `sync`."""
        return self._segments.unsynced()

    def sync(self, files: list[int]) -> None:
        """Sync the files that `unsynced` gave; runs in a thread. Raises OSError."""
        self._segments.sync(files)

    def close(self) -> None:
        """Write down the orderly end. Raises OSError."""
        self._write([b"E"])
        self.sync(self.unsynced())

    def read(
        self, after: int, limit: int, octets: int = 4_000_000, *, up_to: int | None = None
    ) -> list[bytes]:
        """Up to `limit` records (JSON) from `after` + 1 on, or from the first one left; none with a
        number above `up_to`."""
        start = max(after + 1, self.first)
        tail_first = self.last - len(self._tail) + 1
        if start >= tail_first:
            found = self._tail[start - tail_first : start - tail_first + limit]
        else:
            found = self._read_file(start, limit)
        while up_to is not None and found and log_records.number(found[-1]) > up_to:
            found.pop()
        size = 0
        for index, record in enumerate(found):
            size += len(record)
            if size > octets and index:
                return found[:index]
        return found

    def acknowledge(self, after: int) -> None:
        """The site has stored the records up to `after`: delete files that are not needed."""
        if after > self.acknowledged:
            self.acknowledged = after
        while self._segments.old and self._is_finished(self._segments.old[0]):
            oldest = self._segments.old[0]
            self._segments.drop(oldest)
            self._ended_tokens.acknowledge(oldest.number, oldest.ended_tokens)
        self._ended_tokens.forget()

    def _is_finished(self, segment: Segment) -> bool:
        if segment.last > self.acknowledged:
            return False
        if segment.open and len(self._segments.old) >= CARRY_OVER_AFTER:
            self._carry_over(segment)
        return not segment.open

    def _carry_over(self, segment: Segment) -> None:
        carried = [each for each in self.open.values() if each.segment == segment.number]
        try:
            self._write([b"A " + dump(message) for message in carried])
            self._segments.sync_now()
        except OSError:
            return  # the next acknowledgement tries again
        for message in carried:
            message.segment = self._segments.current.number
        self._segments.current.open += len(carried)
        segment.open = 0

    def _write(self, lines: Sequence[bytes]) -> None:
        """Write what is pending, then `lines`; records get their numbers here."""
        if self._segments.current.size >= SEGMENT_OCTETS:
            self._begin_segment()
        number, out, new = self.last, [], []
        offset, offsets = self._segments.current.size, []
        for line in (*self._pending, *lines):
            if line.startswith(log_records.START):
                number += 1
                line = log_records.numbered(line, number)
                new.append(line)
                line = b"L " + line
                if number % OFFSET_EVERY == 0 or len(new) == 1:
                    offsets.append((number, offset))
            out.append(line)
            offset += len(line) + 1
        out.append(b"")
        self._segments.append(b"\n".join(out))
        self._pending.clear()
        self._note_written(number, new, offsets)

    def _begin_segment(self) -> None:
        try:
            self._segments.begin(self.last)
        except OSError:
            return  # the current file serves as long as it can be written

    def _note_written(self, number: int, new: list[bytes], offsets: list[tuple[int, int]]) -> None:
        segment = self._segments.current
        self.last = segment.last = number
        for each in offsets:
            if not segment.offsets or each[0] - segment.offsets[-1][0] >= OFFSET_EVERY:
                segment.offsets.append(each)
        segment.ended_tokens.extend(digest(message.submit.token) for message in self._ending)
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

    def _forget(self, message: Message) -> None:
        token = message.submit.token
        del self.open[token]
        self._ending.append(message)
        self._ended_tokens.add(digest(token))
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
