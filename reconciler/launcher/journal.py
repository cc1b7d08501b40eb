"""What was written to carriers and is not over yet, in a file that survives a kill.

One line an event, each in one write before or after what it speaks of:

- `> ID TIME` before the message ID is written to a socket.
- `= ID STATUS CARRIER_ID` once its answer is known.
- `< ID` once RabbitMQ has forgotten the message, or it may be submitted again.

What the kernel has taken outlives our process, so nothing is fsynced: a machine that loses power
loses its RabbitMQ queues too. A last line without its end was never followed by its deed.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

KEEP = 86_400  # seconds: a message that RabbitMQ has not brought back by then is not in any queue
COMPACT = 50_000  # lines until the file is written anew


@dataclass
class Entry:
    """`status` is "" while no answer is known; `carrier_id` is as receipts will be looked up."""

    at: int
    status: str = ""
    carrier_id: str = ""


class Journal:
    """`left`: what an earlier process has not finished, by message id."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.is_new = not path.exists()
        self._open = {} if self.is_new else _read(path.read_bytes())
        self.left = dict(self._open)
        self._file = -1
        self._compact()

    def writing(self, message_id: str) -> None:
        """Raises OSError: then it may not be written to the socket."""
        now = int(time.time())
        self._line(f"> {message_id} {now}")
        self._open[message_id] = Entry(now)

    def answered(self, message_id: str, status: str, carrier_id: str = "") -> None:
        entry = self._open.get(message_id)
        if entry is not None:
            entry.status, entry.carrier_id = status, carrier_id
            self._line(f"= {message_id} {status} {carrier_id}")

    def over(self, *message_ids: str) -> None:
        known = [each for each in message_ids if self._open.pop(each, None)]
        for each in known:
            self.left.pop(each, None)
        if known:
            self._line("\n".join(f"< {each}" for each in known))

    def _line(self, text: str) -> None:
        raw = f"{text}\n".encode()
        if os.write(self._file, raw) != len(raw):
            os.write(self._file, b"\n")  # what follows must not be read as part of this
            raise OSError("the journal could not be written")
        self._lines += raw.count(b"\n")
        if self._lines > COMPACT + len(self._open):
            self._compact()

    def _compact(self) -> None:
        """Write what is open into a new file, and put that in the place of the old one."""
        new = self._path.with_suffix(".new")
        lines = []
        for message_id, entry in self._open.items():
            lines.append(f"> {message_id} {entry.at}\n")
            if entry.status:
                lines.append(f"= {message_id} {entry.status} {entry.carrier_id}\n")
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        raw = "".join(lines).encode()
        if os.write(file, raw) != len(raw):
            os.close(file)
            raise OSError("the journal could not be written")
        os.fsync(file)
        os.rename(new, self._path)
        if self._file != -1:
            os.close(self._file)
        self._file, self._lines = file, len(lines)


def _read(raw: bytes) -> dict[str, Entry]:
    """What is open in a journal, without what is too old."""
    found: dict[str, Entry] = {}
    for line in raw.decode("utf-8", "replace").split("\n")[:-1]:
        match line.split(" "):
            case [">", message_id, at] if at.isdigit():
                found[message_id] = Entry(int(at))
            case ["=", message_id, status, carrier_id] if message_id in found:
                found[message_id].status, found[message_id].carrier_id = status, carrier_id
            case ["<", message_id]:
                found.pop(message_id, None)
    oldest = time.time() - KEEP
    return {message_id: entry for message_id, entry in found.items() if entry.at > oldest}
