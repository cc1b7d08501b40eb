"""Look-ups of names within a request, whose thread waits for the answer."""

from __future__ import annotations

import time
from collections.abc import Collection

from messaging.net.host_policy import HostPolicy
from messaging.net.resolution import HostError, NoAnswer, as_literal, checked, resolve_many
from orbit.api import waiting

QUICK = 0.2  # seconds: a name server that answers takes less
RESOLVE_SECONDS = 3.0
SLOW_FOR = 10.0  # seconds that an organisation is known for names that are not answered
_MOST = 10_000  # organisations that are kept
_slow_until: dict[str, float] = {}  # monotonic clock


def addresses_for_request(host: str, policy: HostPolicy, *, owner: str) -> list[str]:
    """`checked_addresses` for the organisation `owner`. Slow (up to 3 s).

    Raises RATE_LIMIT_EXCEEDED, too (`answers_for_request`).
    """
    answer = answers_for_request([host], policy, owner=owner)[host]
    if isinstance(answer, HostError):
        raise answer
    return answer


def answers_for_request(
    hosts: Collection[str], policy: HostPolicy, *, owner: str
) -> dict[str, list[str] | HostError]:
    """The checked addresses of each host, or its error, for the organisation `owner`. Slow (up to
    3 s for all together).

    What takes longer than a moment needs one of its places, and then all its look-ups do for a
    while: else moments of many requests would keep all threads. Raises RATE_LIMIT_EXCEEDED.
    """
    owners = dict.fromkeys(hosts, owner)
    if all(map(as_literal, hosts)) or time.monotonic() >= _slow_until.get(owner, 0.0):
        answers = resolve_many(hosts, timeout=QUICK, owners=owners)
        if not any(isinstance(each, NoAnswer) for each in answers.values()):
            return {host: checked(host, answer, policy) for host, answer in answers.items()}
        if len(_slow_until) >= _MOST:
            _slow_until.clear()
        _slow_until[owner] = time.monotonic() + SLOW_FOR
    with waiting.for_others(owner):
        answers = resolve_many(hosts, timeout=RESOLVE_SECONDS, owners=owners)
    return {host: checked(host, answer, policy) for host, answer in answers.items()}
