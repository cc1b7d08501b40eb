"""One of many processes that choose at once; `processes.py` starts it."""

from __future__ import annotations

import itertools
import json
import sys

from messaging.pools.choosing import take_sender
from messaging.pools.models import SenderPool
from messaging.pools.rosters import roster


def main(pool_id: str, count: str, *destinations: str) -> None:
    """Says `ready`, waits for a line, makes `count` choices for the destinations one after the
    other, and says `[[turn, sender, destination], …]` as JSON."""
    pool = SenderPool.objects.get(pk=pool_id)
    roster(pool)
    print("ready", flush=True)
    sys.stdin.readline()
    chosen = []
    for destination in itertools.islice(itertools.cycle(destinations), int(count)):
        choice = take_sender(pool, destination)
        chosen.append((choice.turn, choice.member.sender, destination))
    print(json.dumps(chosen), flush=True)
