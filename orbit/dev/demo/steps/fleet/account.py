"""Step: each message of the story was handed over once, and nearly all have a known outcome."""

from __future__ import annotations

from collections import Counter

from orbit.dev.demo.checks import check, wait_for
from orbit.dev.demo.scene import Scene
from orbit.dev.demo.tenants import Tenant, doubled

UNKNOWN = "submitted_no_receipt"
MOST_UNKNOWN = 10  # of the gateway that was lost: what its window held


def add_up(scene: Scene) -> str:
    screen = scene.screen
    check(scene.traffic, "nothing was sent")
    scene.traffic.stop()
    rows, total, unknown = [], 0, 0
    for tenant in scene.tenants:
        screen.waiting(f"the last receipts of {tenant.name} …")
        wait_for(lambda of=tenant: _is_over(of), bool, f"the end of {tenant.name}'s messages")
        screen.waited()
        states = Counter(each["status"] for each in tenant.messages())
        check(not doubled(tenant), f"handed over twice: {doubled(tenant)}")
        check(states.keys() <= {"delivered", UNKNOWN}, f"{tenant.name}: {dict(states)}")
        total, unknown = total + states.total(), unknown + states[UNKNOWN]
        rows.append(
            (tenant.name, tenant.carrier.name, str(len(tenant.sent)), str(states["delivered"]),
             str(states[UNKNOWN]))
        )  # fmt: skip
    screen.table(("organisation", "carrier", "sent", "delivered", "unknown"), rows)
    check(
        unknown <= MOST_UNKNOWN,
        f"{unknown} messages have an unknown outcome, more than {MOST_UNKNOWN}",
    )
    screen.done(f"{total} messages: none twice, none lost, {unknown} with an unknown outcome")
    return f"{total} messages, none twice, none lost; {unknown} unknown"


def _is_over(tenant: Tenant) -> bool:
    messages = tenant.messages()
    return len(messages) == len(tenant.sent) and all(each["finished_at"] for each in messages)
