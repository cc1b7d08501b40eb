"""Harm that is no kill: a full disk, a clock that is set, a connection that ends inside a PDU."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from messaging.smpp.protocol.pdu import write
from orbit.dev.simulator import SimulatorThread
from orbit.dev.simulator.deliveries import Text, text_fields
from orbit.dev.stack import Jasmin

CLOCK = Path(__file__).with_name("clock.c")
SMALL, LARGE = "4m", "64m"


class SmallDisk:
    """A tmpfs under a gateway's store; `free` makes it larger."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def free(self) -> None:
        _mount("-o", f"remount,size={LARGE}", str(self._folder))


@contextmanager
def small_disk(jasmin: Jasmin) -> Iterator[SmallDisk]:
    """The gateway starts anew on it. As root."""
    jasmin.stop()
    _mount("-t", "tmpfs", "-o", f"size={SMALL},mode=0700", "tmpfs", str(jasmin.store))
    try:
        jasmin.start()
        yield SmallDisk(jasmin.store)
    finally:
        jasmin.kill()
        subprocess.run(["umount", "--lazy", jasmin.store], check=True)


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


class Clock:
    """What processes with `environ` take for the time of day: the right one, until it is `set`."""

    def __init__(self, folder: Path) -> None:
        self._offset, library = folder / "offset", folder / "clock.so"
        self.set(0)
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, CLOCK], check=True)
        self.environ = {"LD_PRELOAD": str(library), "CLOCK_OFFSET": str(self._offset)}

    def set(self, hours: int) -> None:
        """So much off, at once."""
        self._offset.touch(0o644)
        with self._offset.open("r+b") as file:  # in place: it is mapped
            file.write(struct.pack("l", hours * 3600))


def cut_inside(smsc: SimulatorThread, system_id: str, number: int) -> None:
    """Send half of a deliver_sm on each bind and close. The text comes whole on the next one."""
    system = smsc.system(system_id)
    fields = text_fields(
        source_addr="33639980001",
        destination_addr="33700000001",
        short_message=f"cut {number}".encode(),
    )

    async def cut() -> None:
        for session in list(system.sessions):
            raw = write("deliver_sm", sequence=0x7000_0000 + number, **fields)
            system.waiting.append(Text(fields))
            session.drop(raw[: len(raw) // 2])

    smsc._call(cut())
