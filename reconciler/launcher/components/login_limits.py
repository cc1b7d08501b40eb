"""Which binds at the SMPP server are not answered: those after too many wrong passwords.

As carriers do it: each wrong password is answered with ESME_RINVPASWD, and after some of them a
while of silence, which tells a guesser nothing. Standard library only.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

VARIABLE = "SMPP_SERVER_LOGIN_LIMIT"  # of the gateway's environment
DEFAULT = "10/300"
ACCOUNTS = 10  # times as many for all system_ids of an address: a proxy has those of many
MOST_KEPT = 10_000  # addresses and accounts that are counted; the oldest are forgotten

Key = tuple[str, str | None]  # network, system_id; None: all of them


@dataclass(frozen=True)
class Limit:
    """At most `wrong` wrong passwords in `seconds`."""

    wrong: int
    seconds: float

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read "10/300"; raises ValueError."""
        wrong, _, seconds = text.partition("/")
        limit = cls(int(wrong), float(seconds))
        if limit.wrong < 1 or not 0 < limit.seconds < float("inf"):
            raise ValueError(f"{VARIABLE}={text}: logins/seconds, both above 0, as {DEFAULT}")
        return limit


class LoginLimits:
    """Counts the wrong passwords of each system_id at an address, and of each address (IPv6: /64).

    `clock`: monotonic seconds.
    """

    def __init__(self, limit: Limit, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock = limit, clock
        self._wrong: OrderedDict[Key, deque[float]] = OrderedDict()

    def is_silent(self, address: str, system_id: str) -> bool:
        """Whether a bind from there is left without an answer now, whatever its password."""
        network = network_of(address)
        return self._is_full((network, system_id)) or self._is_full((network, None))

    def refused(self, address: str, system_id: str) -> bool:
        """Count a wrong password; whether this was the last one that is answered."""
        network = network_of(address)
        for key in ((network, system_id), (network, None)):
            times = self._wrong.setdefault(key, deque(maxlen=self._most(key)))
            times.append(self._clock())
            self._wrong.move_to_end(key)
        while len(self._wrong) > MOST_KEPT:
            self._wrong.popitem(last=False)
        return self.is_silent(address, system_id)

    def accepted(self, address: str, system_id: str) -> None:
        """The right password came: the wrong ones before it were no guesses."""
        self._wrong.pop((network_of(address), system_id), None)

    def _is_full(self, key: Key) -> bool:
        times = self._wrong.get(key)
        if times is None or len(times) < self._most(key):
            return False
        return times[0] > self._clock() - self._limit.seconds

    def _most(self, key: Key) -> int:
        return self._limit.wrong * (ACCOUNTS if key[1] is None else 1)


def network_of(address: str) -> str:
    """The network by which an address is counted: of IPv6 its /64, which one customer has whole."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
