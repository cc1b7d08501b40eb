"""Routes change under live traffic: no message is lost, doubled or refused, no route in vain."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Semaphore

import pytest

from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential
from reconciler.jcli import routes
from reconciler.jcli.commands import Command
from reconciler.jcli.console import Console
from reconciler.jcli.errors import Rejected
from reconciler.result import Ending, Result
from tests.reconciler.conftest import make_credential, make_tenant
from tests.reconciler.passes import run
from tests.reconciler.routes.platform import Platform
from tests.reconciler.routes.rows import ACCESS_PASSWORD, give_access, make_carrier

pytestmark = pytest.mark.stack

PASSES, A_PASS = 40, 13  # passes, and messages that are sent while each runs: over 500
NUMBERS = ("33612345678", "4915123456789", "14155552671")
# Carriers as they follow each other: countries and fallback_order. Some carrier for each number is
# there before and after each change, and it need not be the same one.
SCENES: tuple[dict[str, tuple[list[str], int]], ...] = (
    {"first": (["FR", "DE", "US"], 1), "second": (["FR", "DE", "US"], 2)},
    {"first": (["FR", "DE", "US"], 2), "second": (["FR", "DE", "US"], 1)},
    {"first": (["FR", "DE", "US"], 2), "second": (["FR", "US"], 1), "third": (["*"], 1)},
    {"second": (["FR"], 1), "third": (["*"], 1)},
    {"third": (["*"], 1)},
    {"third": (["DE", "FR", "US"], 1)},
    {"first": (["US"], 1), "second": (["FR", "DE"], 1)},
    {"first": (["*"], 2), "second": (["*"], 1)},
    {"first": (["*"], 1), "second": (["FR"], 1), "third": (["DE"], 1)},
)


class Stream:
    """Sends message after message over one bind; `more` lets it go on."""

    def __init__(self, bind: Platform) -> None:
        self.statuses: list[int] = []
        self._bind = bind
        self._granted = Semaphore(0)

    def more(self, passes: int = 1) -> None:
        self._granted.release(passes * A_PASS)

    def run(self) -> None:
        for number, to in zip(range(PASSES * A_PASS), itertools.cycle(NUMBERS), strict=False):
            self._granted.acquire()
            self.statuses.append(self._bind.submit(to, f"message {number}"))


def set_scene(carriers: dict[str, Credential], scene: dict[str, tuple[list[str], int]]) -> None:
    """Add, change, disable, enable and delete carriers until these are in use."""
    for name, credential in carriers.items():
        found = Carrier.objects.filter(credential=credential)
        if name in scene:
            fields = dict(zip(("countries", "fallback_order"), scene[name], strict=True))
            if not found.update(enabled=True, **fields):
                make_carrier(credential, **fields)
        elif name == "third":
            found.delete()
        else:
            found.update(enabled=False)


def written(result: Result) -> int:
    assert result.ending is Ending.APPLIED, result
    assert {entry["kind"] for entry in result.changes} == {"route"}
    return len(result.changes)


@pytest.fixture
def carriers(gateway, organization, add_credential, smsc) -> dict[str, Credential]:
    """Three credentials that are bound, and the first scene."""
    made = {name: add_credential(name, throughput=None) for name in ("first", "second", "third")}
    give_access(organization)
    set_scene(made, SCENES[0])
    assert run(gateway).ending is Ending.APPLIED
    smsc.wait_for(lambda: all(smsc.system(name).live_binds == 1 for name in made))
    return made


@pytest.fixture
def bind(carriers, organization, jasmin) -> Iterator[Platform]:
    with Platform(jasmin, organization.gateway_key, ACCESS_PASSWORD) as bind:
        yield bind


def test_a_stream_of_messages_goes_on_while_routes_change(gateway, carriers, bind, smsc):
    with ThreadPoolExecutor(1) as beside:
        stream = Stream(bind)
        running = beside.submit(stream.run)
        try:
            writes, overlapping = change_routes(gateway, carriers, stream, running)
        finally:
            stream.more(PASSES)  # it ends whatever happened here
        running.result()

    assert Counter(stream.statuses) == {0: PASSES * A_PASS}
    assert writes > 2 * PASSES
    assert overlapping > PASSES / 2
    assert run(gateway).ending is Ending.IN_SYNC
    assert_each_arrives_once(smsc, carriers, PASSES * A_PASS)
    assert all(smsc.system(name).submits for name in carriers)


def test_there_is_a_route_for_each_number_between_any_two_commands(
    gateway, carriers, bind, smsc, monkeypatch
):
    statuses = []
    in_one_write = Console.run_in_order

    def one_by_one(self: Console, commands: Sequence[Command]) -> list[Rejected | None]:
        outcomes = []
        for command in commands:
            outcomes += in_one_write(self, [command])
            for to in NUMBERS:
                statuses.append(bind.submit(to, f"message {len(statuses)}"))
        return outcomes

    monkeypatch.setattr(Console, "run_in_order", one_by_one)
    for scene in SCENES[1:]:
        set_scene(carriers, scene)
        written(run(gateway))

    assert len(statuses) > 100
    assert set(statuses) == {0}
    assert_each_arrives_once(smsc, carriers, len(statuses))


def change_routes(gateway, carriers, stream: Stream, running: Future) -> tuple[int, int]:
    """Run passes while messages flow; return routes written, and passes with traffic in them."""
    writes, overlapping = 0, 0
    for number in range(1, PASSES + 1):
        assert not running.done(), running.exception()
        set_scene(carriers, SCENES[number % len(SCENES)])
        before = len(stream.statuses)
        stream.more()
        writes += written(run(gateway))
        overlapping += len(stream.statuses) > before
    return writes, overlapping


def assert_each_arrives_once(smsc, carriers, count: int) -> None:
    def arrived() -> list[str]:
        return [submit.text for name in carriers for submit in smsc.system(name).submits]

    smsc.wait_for(lambda: len(arrived()) >= count, timeout=60)
    assert Counter(arrived()) == Counter(f"message {number}" for number in range(count))


def test_a_changed_fallback_order_writes_only_that_organisation_s_routes(
    gateway, smsc, console, monkeypatch
):
    everybody = [make_tenant(gateway) for _ in range(4)]
    for number, organization in enumerate(everybody):
        give_access(organization)
        for place, countries in enumerate((["FR", "US"], ["FR"], ["*"]), start=1):
            name = f"acme{number}{place}"
            smsc.add_system(name, "s3cr;t#")
            credential = make_credential(organization, port=smsc.port, system_id=name)
            make_carrier(credential, countries, fallback_order=place)
    assert run(gateway).ending is Ending.APPLIED
    assert run(gateway).ending is Ending.IN_SYNC
    before = rows(console)
    theirs = everybody[2].gateway_key
    carrier = Carrier.objects.get(organization=everybody[2], fallback_order=2)

    carrier.fallback_order = 1
    carrier.quality = 99
    carrier.save()
    typed = listen(monkeypatch)
    result = run(gateway)

    assert [(entry["kind"], entry["action"]) for entry in result.changes] == [("route", "replace")]
    changed = before ^ rows(console)
    assert len(changed) == 2
    assert {(route.order, route.user) for route in changed} == {
        (int(result.changes[0]["key"]), theirs)
    }
    assert [line for line in typed if line.startswith("uid ")] == [f"uid {theirs}"]
    assert len([line for line in typed if line == "mtrouter -a"]) == 1


def rows(console: Console) -> set:
    return set(routes.read(console.ask(routes.LIST)[0]))


def listen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lines that our consoles type from now on."""
    typed: list[str] = []
    send = Console._send

    def heard(self: Console, text: str) -> None:
        typed.extend(text.splitlines())
        send(self, text)

    monkeypatch.setattr(Console, "_send", heard)
    return typed
