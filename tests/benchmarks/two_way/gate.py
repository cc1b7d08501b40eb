"""What the gate costs a message: CPU of the product from POST to the last report, of organisations
without an opt-out, with one, and with many, in turns."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median

from tests.benchmarks.cpu import Cpu
from tests.benchmarks.road import sizes
from tests.benchmarks.road.world import Tenant, many
from tests.benchmarks.two_way import imports
from tests.benchmarks.two_way.world import World, until

AIM = 5  # % more
ONE, MANY = "/v1/messages/sms", "/v1/messages/sms/batch"
WAYS = {
    f"single POSTs, {sizes.CONNECTIONS} connections": (ONE, sizes.CONNECTIONS),
    f"POSTs of {sizes.BATCH}": (MANY, sizes.BATCH_CONNECTIONS),
}


@dataclass
class Side:
    """`cpu`: milliseconds a message of each round, by way; `first`: the next message's number."""

    name: str
    tenant: Tenant
    first: int = 0
    cpu: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def measure(world: World) -> None:
    lists = {"no opt-out": 0, "1 opt-out": 1, f"{sizes.IMPORT} opt-outs": sizes.IMPORT}
    sides = [Side(name, world.tenant("FR", "ES")) for name in lists]
    for side in sides:
        if lists[side.name]:
            imports.load(side.tenant.api, lists[side.name])
    for side in sides:
        for way in WAYS:
            _send(world, side, way)  # warm-up
        side.cpu.clear()
    for turn in range(sizes.GATE_ROUNDS):
        for way in WAYS:
            for place in range(len(sides)):
                _send(world, sides[(turn + place) % len(sides)], way)
    for side in sides:
        side.tenant.is_exact(side.first)
    _print(sides)


def _send(world: World, side: Side, way: str) -> None:
    """A round: all of its messages have their reports when it ends."""
    path, connections = WAYS[way]
    tenant, numbers = side.tenant, range(side.first, side.first + sizes.GATE_MESSAGES)
    side.first = numbers.stop
    messages = [_body(tenant, n) for n in numbers]
    bodies = many(messages) if path == MANY else [json.dumps(each) for each in messages]
    order = {
        "url": f"{world.site.url}{path}",
        "connections": connections,
        "headers": {"X-API-Key": tenant.key, "Content-Type": "application/json"},
        "bodies": bodies,
    }
    cpu = Cpu(world.pids())
    said = world.run("http_load.py", order)
    assert said["statuses"] == {"202": len(bodies)}, said["statuses"]
    until(lambda: tenant.acknowledged() >= side.first and tenant.unfinished() == 0)
    used = sum(cpu.used().values())
    side.cpu[way].append(used * 1000 / sizes.GATE_MESSAGES)


def _body(tenant: Tenant, n: int) -> dict[str, str]:
    """To a number that is on no list."""
    return tenant.body(n) | {"to": f"+33601{n:06}"}


def _print(sides: list[Side]) -> None:
    print(
        f"\n\nWhat the gate costs: CPU ms a message from POST to its report, {sizes.GATE_ROUNDS}",
        end="",
    )
    print(f" rounds of {sizes.GATE_MESSAGES} in turns, medians (aim: less than {AIM} % more)")
    none = sides[0]
    for way in WAYS:
        print(f"  {way}")
        for side in sides:
            pairs = zip(side.cpu[way], none.cpu[way], strict=True)
            more = 100 * (median(mine / theirs for mine, theirs in pairs) - 1)
            of_medians = 100 * (median(side.cpu[way]) / median(none.cpu[way]) - 1)
            print(
                f"    {side.name:<20}{median(side.cpu[way]):>8.2f} ms{of_medians:>+8.1f} %", end=""
            )
            print(
                f"   by pairs {more:+.1f} %   {', '.join(f'{each:.2f}' for each in side.cpu[way])}"
            )
    print(end="", flush=True)
