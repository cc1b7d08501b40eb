"""The simulated carrier that all sessions share: its accounts, counts and timers."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable

from orbit.dev.simulator.event_log import EventLog
from orbit.dev.simulator.faults import Fault
from orbit.dev.simulator.systems import System
from orbit.dev.simulator.timers import Timers


class Carrier:
    """A carrier without its ports, to be used on one event loop.

    `enquire_link` is the interval in seconds at which bound peers get an enquire_link; 0 means
    never. `errors` holds bugs of the simulator itself: it should stay empty.
    """

    name = "smsc-simulator"

    def __init__(self, *, event_log: EventLog | None = None, enquire_link: float = 0) -> None:
        self.event_log = event_log or EventLog()
        self.enquire_link = enquire_link
        self.systems: dict[str, System] = {}
        self.connections = 0
        self.unknown_binds: Counter[str] = Counter()  # by a system_id that does not exist
        self.errors: list[BaseException] = []
        self.timers = Timers()
        # Two simulators, or two runs of one, must not give the same ids unless a fault says so.
        self._message_number = random.SystemRandom().randrange(10**15, 9 * 10**15)

    def add_system(
        self, system_id: str, password: str, faults: Iterable[str | Fault] = ()
    ) -> System:
        """A new account, in place of the one of that name if there is one. Raises FaultError."""
        old = self.systems.get(system_id)
        system = self.systems[system_id] = System(system_id, password, faults)
        if old:
            old.drop_binds()
        return system

    def remove_system(self, system_id: str) -> None:
        """Raises KeyError."""
        self.systems.pop(system_id).drop_binds()

    def next_connection_number(self) -> int:
        """Count a new connection."""
        self.connections += 1
        return self.connections

    def next_message_number(self) -> int:
        self._message_number += 1
        return self._message_number
