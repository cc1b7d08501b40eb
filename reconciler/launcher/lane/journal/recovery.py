"""Reads what earlier processes left in the journal's files."""

from __future__ import annotations

import json
import time

from reconciler.launcher.lane.journal import log_records
from reconciler.launcher.lane.journal.ended_tokens import EndedTokens, digest
from reconciler.launcher.lane.journal.segment_files import Segment, Segments, boot_id
from reconciler.launcher.lane.message import ENDED, WAITING, WRITTEN, Message, load

OFFSET_EVERY = 256  # records between two offsets that are held in memory
_DELIVER = b'"kind":"deliver"'


class Recovery:
    """`open`: messages by token; `last`: number of the last record.

    `is_doubtful`: the machine was restarted without an orderly end, so that `W` lines may be
    missing; waiting parts count as written then. A line that can't be read (a power cut leaves
    such) is skipped.
    """

    def __init__(self, segments: Segments, ended_tokens: EndedTokens) -> None:
        self.open: dict[str, Message] = {}
        self.last = 0
        self.is_doubtful = False
        self._ended_tokens = ended_tokens
        self._segments = {segment.number: segment for segment in segments.old}
        self._boot = boot_id()
        line, boot = b"", self._boot
        for segment in segments.old:
            self._check_restart(boot, segment.boot, line)
            boot, line = segment.boot, b""
            self.last = max(self.last, segment.last_before)
            end = segment.header
            for offset, line in segments.lines(segment):
                end = offset + len(line) + 1
                try:
                    self._read_line(segment, offset, line)
                except (ValueError, KeyError, TypeError, IndexError):
                    continue
            segment.last = self.last
            segments.truncate(segment, end)
        self._check_restart(boot, self._boot, line)

    def _check_restart(self, boot: str, next_boot: str, line: bytes) -> None:
        """`line`: the last line of a process. If another boot followed, was it an orderly end?"""
        if boot == next_boot or line == b"E":
            return
        for message in self.open.values():
            message.states = message.states.replace(bytes([WAITING]), bytes([WRITTEN]))
            self.is_doubtful = True

    def _read_line(self, segment: Segment, offset: int, line: bytes) -> None:
        kind, _, rest = line.partition(b" ")
        if kind == b"A":
            self._accepted(segment, rest)
        elif kind in (b"W", b"R"):
            token, _, part = rest.decode().partition(" ")
            if token in self.open:
                self.open[token].states[int(part)] = WRITTEN if kind == b"W" else WAITING
        elif kind == b"L":
            self.last = log_records.number(rest)
            if not segment.offsets or self.last % OFFSET_EVERY == 0:
                segment.offsets.append((self.last, offset))
            if _DELIVER not in rest[:60]:
                self._ended(segment, rest)

    def _accepted(self, segment: Segment, rest: bytes) -> None:
        message = load(rest)
        message.segment = segment.number
        if segment.boot != self._boot:
            left = message.until - segment.monotonic - (time.time() - segment.wall)
            message.until = time.monotonic() + left
        token = message.submit.token
        if token in self.open:  # carried over from an older file
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
        segment.ended_tokens.append(digest(token))
        self._ended_tokens.add(digest(token))
