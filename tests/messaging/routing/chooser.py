"""Processes that choose at once; `processes.py` starts them with one import of the project."""

from __future__ import annotations

import itertools
import json
import multiprocessing
from multiprocessing.synchronize import Barrier

from tests.messaging.pools.conftest import roster, take_sender

READY = 60  # seconds that the slowest may take until it can begin

Answer = tuple[int, str, str]


def main(pool_id: str, processes: str, count: str, *destinations: str) -> None:
    """Fork so many processes, which begin together and make `count` choices in all for the
    destinations; say `[[turn, sender, destination], …]` as JSON."""
    forking = multiprocessing.get_context("fork")  # nothing is connected yet that they would share
    begin, answers = forking.Barrier(int(processes)), forking.SimpleQueue()

    def choose(number: int, share: int) -> None:
        answers.put(_choices(begin, pool_id, share, _from(destinations, number, int(processes))))

    shares = _shares(int(count), int(processes))
    for number, share in enumerate(shares):
        forking.Process(target=choose, args=(number, share), daemon=True).start()
    print(json.dumps([each for _ in shares for each in answers.get()]), flush=True)


def _choices(
    begin: Barrier, pool_id: str, share: int, destinations: tuple[str, ...]
) -> list[Answer]:
    pool = roster(pool_id)
    begin.wait(READY)
    chosen = []
    for destination in itertools.islice(itertools.cycle(destinations), share):
        choice = take_sender(pool, destination)
        chosen.append((choice.turn, choice.member.sender, destination))
    return chosen


def _shares(count: int, processes: int) -> list[int]:
    each, more = divmod(count, processes)
    return [each + (number < more) for number in range(processes)]


def _from(destinations: tuple[str, ...], number: int, processes: int) -> tuple[str, ...]:
    """All of them, each process beginning at another one."""
    start = number * len(destinations) // processes
    return destinations[start:] + destinations[:start]
