"""What the process before has left in the journal's files."""

from __future__ import annotations

import json
import time

from reconciler.launcher.lane.journal import log_records
from reconciler.launcher.lane.journal.ended_tokens import Remembered, digest
from reconciler.launcher.lane.journal.segment_files import Segment, Segments, boot_id
from reconciler.launcher.lane.message import ENDED, WAITING, WRITTEN, Message, load

MARK = 256  # records between two offsets that are remembered
_DELIVER = b'"kind":"deliver"'


class Recovery:
    """`open`: messages by token; `last`: number of the last record. `is_doubtful`: the machine was
    restarted without an orderly end, so that marks of writing may be missing; what was open then
    counts as written. A line that can't be read is left out: only what a power cut has left is so.
    """

    def __init__(self, segments: Segments, remembered: Remembered) -> None:
        self.open: dict[str, Message] = {}
        self.last = 0
        self.is_doubtful = False
        self._remembered = remembered
        self._segments = {segment.number: segment for segment in segments.old}
        self._boot = boot_id()
        line, boot = b"", self._boot
        for segment in segments.old:
            self._restart(boot, segment.boot, line)
            boot, line = segment.boot, b""
            self.last = max(self.last, segment.before)
            end = segment.header
            for offset, line in segments.lines(segment):
                end = offset + len(line) + 1
                try:
                    self._take(segment, offset, line)
                except (ValueError, KeyError, TypeError, IndexError):
                    continue
            segment.last = self.last
            segments.cut(segment, end)
        self._restart(boot, self._boot, line)

    def _restart(self, boot: str, next_boot: str, line: bytes) -> None:
        """`line`: the last of a process. Another boot followed: did this one end in order?"""
        if boot == next_boot or line == b"E":
            return
        for message in self.open.values():
            message.states = message.states.replace(bytes([WAITING]), bytes([WRITTEN]))
            self.is_doubtful = True

    def _take(self, segment: Segment, offset: int, line: bytes) -> None:
        kind, _, rest = line.partition(b" ")
        if kind == b"A":
            self._accepted(segment, rest)
        elif kind in (b"W", b"R"):
            token, _, part = rest.decode().partition(" ")
            if token in self.open:
                self.open[token].states[int(part)] = WRITTEN if kind == b"W" else WAITING
        elif kind == b"L":
            self.last = log_records.number(rest)
            if not segment.marks or self.last % MARK == 0:
                segment.marks.append((self.last, offset))
            if _DELIVER not in rest[:60]:
                self._ended(segment, rest)

    def _accepted(self, segment: Segment, rest: bytes) -> None:
        message = load(rest)
        message.segment = segment.number
        if segment.boot != self._boot:
            left = message.until - segment.monotonic - (time.time() - segment.wall)
            message.until = time.monotonic() + left
        token = message.submit.token
        if token in self.open:  # taken along from an older file
            self._segments[self.open[token].segment].open -= 1
        self.open[token] = message
        segment.open += 1

    def _ended(self, segment: Segment, rest: bytes) -> None:
        record = json.loads(rest)
        token = record["token"]
        message = self.open.get(token)
        if message is not None:
            part = record.get("part")
            if part is None:
                message.open = 0
            elif message.states[part] != ENDED:
                message.states[part] = ENDED
                message.open -= 1
            if message.open:
                return
            del self.open[token]
            self._segments[message.segment].open -= 1
        segment.ended.append(digest(token))
        self._remembered.add(digest(token))
