"""jasmind is killed a hundred times at random moments under load.

The carrier gets no message twice, every accepted message of SMPP and `/send` traffic is reported,
and the store can always be read. Reports of an unknown outcome are counted.
"""

from __future__ import annotations

import contextlib
import os
import random
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from orbit.dev.simulator import SimulatorThread
from orbit.dev.stack import Stack
from orbit.dev.stack.processes import poll
from tests.fixtures.stack import empty, servers
from tests.reconciler.launcher.jasmin_client import PASSWORD, JasminClient

pytestmark = [pytest.mark.stack, pytest.mark.kills]

KILLS = int(os.environ.get("KILLS", "100"))
LONGEST = 0.6  # seconds between a bind and its kill
SEED = 6
WINDOW = 10


def test_a_hundred_kills(stack: Stack, make_smsc: Callable[..., SimulatorThread]) -> None:
    smsc = make_smsc(keep_log=False)
    smsc.add_system("acme", PASSWORD, faults=["slow:0.02:on=submit"])
    jasmin = stack.gateways["main"]
    servers.clean.discard(jasmin)
    empty(jasmin)
    with JasminClient(jasmin) as client:
        cid = client.open(smsc, window=WINDOW)
        posted: dict[str, str] = {}
        submitted: dict[str, str] = {}
        reported: dict[str, list[str]] = {}
        over = threading.Event()
        loads: tuple[tuple[Callable[..., None], dict[Any, Any]], ...] = (
            (keep_posting, posted),
            (keep_submitting, submitted),
        )
        threads = [
            threading.Thread(target=load, args=(client, cid, into, over)) for load, into in loads
        ]
        threads.append(threading.Thread(target=keep_receiving, args=(client, cid, reported, over)))
        for thread in threads:
            thread.start()
        moments = random.Random(SEED)
        for _ in range(KILLS):
            over.wait(moments.uniform(0, LONGEST))
            jasmin.kill()
            jasmin.start()
            client.wait_until_bound(cid)
        stop_loading(over, threads)
        poll(lambda: all(client.reported(each) for each in posted), timeout=60)
        receive_all(client, cid, reported, submitted)

        seen = Counter(submit.text for submit in smsc.system("acme").submits)
        said = {each: client.reported(each) for each in posted}
        lost = [posted[each] for each, states in said.items() if not states]
        lost += [text for each, text in submitted.items() if each not in reported]
        ends = Counter(states[-1] for states in (*said.values(), *reported.values()) if states)
        print(f"\n\n{KILLS} kills: {len(posted)} posts and {len(submitted)} submits accepted")
        print(f"  at the carrier: {len(seen)}, twice: {sum(n > 1 for n in seen.values())}")
        print(f"  reported: {dict(ends)}; not reported: {lost}")
        assert max(seen.values()) == 1
        assert not lost
        unknown = ends["ESME_NO_ANSWER"] + ends["UNKNOWN"]
        assert unknown <= KILLS * WINDOW
        assert "put aside" not in jasmin._log.read_text()


def stop_loading(over: threading.Event, threads: list[threading.Thread]) -> None:
    over.set()
    for thread in threads:
        thread.join()


def keep_posting(
    client: JasminClient, cid: str, accepted: dict[str, str], over: threading.Event
) -> None:
    """Message after message, whether Jasmin is there or not; every tenth time it persists."""
    number = 0
    while not over.wait(0.01):
        number += 1
        text = f"post {number}"
        with contextlib.suppress(OSError, AssertionError):
            accepted[client.send(cid, text, dlr_level=1)] = text
            if number % 10 == 0:
                client.type("persist")


def keep_submitting(
    client: JasminClient, cid: str, accepted: dict[str, str], over: threading.Event
) -> None:
    """A transmitter: its receipts come to another bind."""
    number = 0
    while not over.is_set():
        with (
            contextlib.suppress(OSError, AssertionError),
            client.platform(cid, "bind_transmitter") as platform,
        ):
            while platform.bound.status == 0 and not over.wait(0.01):
                number += 1
                answer = platform.submit(f"submit {number}".encode())
                if answer.status == 0:
                    accepted[answer.text("message_id")] = f"submit {number}"
        over.wait(0.02)


def keep_receiving(
    client: JasminClient, cid: str, reported: dict[str, list[str]], over: threading.Event
) -> None:
    while not over.is_set():
        with (
            contextlib.suppress(OSError, AssertionError),
            client.platform(cid, "bind_receiver") as platform,
        ):
            while platform.bound.status == 0 and not over.is_set():
                receive(platform, reported)
        over.wait(0.02)


def receive_all(
    client: JasminClient, cid: str, reported: dict[str, list[str]], submitted: dict[str, str]
) -> None:
    with client.platform(cid, "bind_receiver") as platform, contextlib.suppress(OSError):
        while not submitted.keys() <= reported.keys():
            receive(platform, reported)


def receive(platform: Any, reported: dict[str, list[str]]) -> None:
    """Raises OSError when nothing came for a while, or the session ended."""
    platform.patience(5)
    words = dict(
        each.split(":", 1)
        for each in platform.receipt().text("short_message").split()
        if ":" in each
    )
    reported.setdefault(words["id"], []).append(words["stat"])
