"""Phones that write: texts at a steady pace, many in parts, out of order, sharing references."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from orbit.dev.simulator import delivery_queue
from orbit.dev.simulator.deliveries import Text, text_fields
from tests.e2e.messages.conftest import World

TICK = 0.1  # seconds
IN_PARTS = 0.3  # of all texts
LATE = 0.3  # of all PDUs: they come a tick later than they would
PHONES = 40  # each begins its references, of 8 bits, at 0
UDHI, UCS2 = 0x40, 8


@dataclass(frozen=True)
class Said:
    """A text as its phone sent it: `pdus` are the user data of its parts, in their order."""

    phone: str
    carrier: str
    body: str
    pdus: list[bytes] = field(repr=False)


class Phones:
    """They write `rate` texts a second to `numbers`, the number by the name of its carrier, until
    stopped. `said`: by body, of which each is another one."""

    def __init__(
        self, world: World, numbers: dict[str, str], chance: random.Random, rate: int
    ) -> None:
        self.said: dict[str, Said] = {}
        self.seconds = 0.0
        self._world, self._numbers, self._chance, self._rate = world, numbers, chance, rate
        self._references = dict.fromkeys(range(PHONES), 0)
        self._late: list[tuple[str, Text]] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        begun = time.monotonic()
        while not self._stopped.wait(TICK):
            self.seconds = time.monotonic() - begun
            self._send(int(self._rate * self.seconds) - len(self.said))
        self._send(0)  # what is late

    def _send(self, count: int) -> None:
        now, self._late = self._late, []
        for _ in range(count):
            for each in self._write():
                (self._late if self._chance.random() < LATE else now).append(each)
        self._chance.shuffle(now)
        if self._stopped.is_set():
            now, self._late = now + self._late, []

        async def post() -> None:
            for carrier, text in now:
                delivery_queue.post(self._world.smsc.system(carrier), text)

        self._world.smsc._call(post())

    def _write(self) -> Iterator[tuple[str, Text]]:
        """A new text; its PDUs."""
        chance = self._chance
        phone = chance.randrange(PHONES)
        carrier = chance.choice(list(self._numbers))
        is_wide = chance.random() < 0.3
        body = f"{len(self.said)} {chance.randbytes(24).hex()}{' 😀é' if is_wide else ''}"
        octets = body.encode("utf-16-be" if is_wide else "ascii")
        pdus = [octets]
        if chance.random() < IN_PARTS:
            pdus = self._parts(phone, octets, chance.randrange(2, 5))
        said = Said(f"336399{phone:05}", carrier, body, pdus)
        self.said[body] = said
        fields: dict[str, Any] = {
            "esm_class": UDHI if len(pdus) > 1 else 0,
            "data_coding": UCS2 if is_wide else 0,
        }
        for pdu in pdus:
            yield (
                carrier,
                Text(
                    text_fields(
                        source_addr=said.phone,
                        destination_addr=self._numbers[carrier],
                        short_message=pdu,
                        **fields,
                    )
                ),
            )

    def _parts(self, phone: int, octets: bytes, count: int) -> list[bytes]:
        """Cut between two units of 16 bits, be it inside an emoji."""
        reference = self._references[phone]
        self._references[phone] = (reference + 1) % 256
        size = (len(octets) // count + 1) // 2 * 2
        cut = [octets[n * size : (n + 1) * size] for n in range(count - 1)]
        cut.append(octets[(count - 1) * size :])
        return [bytes([5, 0, 3, reference, count, n]) + each for n, each in enumerate(cut, start=1)]


@contextmanager
def writing(
    world: World, numbers: dict[str, str], chance: random.Random, *, rate: int
) -> Iterator[Phones]:
    """They do meanwhile."""
    phones = Phones(world, numbers, random.Random(chance.random()), rate)
    phones.start()
    try:
        yield phones
    finally:
        phones.stop()
