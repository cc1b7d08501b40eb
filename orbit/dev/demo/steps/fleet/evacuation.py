"""Steps: a gateway is lost and others take over; it comes back, and is not trusted at once."""

from __future__ import annotations

import time

from orbit.dev.demo.checks import wait_for
from orbit.dev.demo.http import send
from orbit.dev.demo.scene import Scene
from orbit.dev.demo.tenants import Tenant, wait_for_another

NAME = "third"
BACK = 60.0  # seconds that its messages have to end


def evacuate(scene: Scene) -> str:
    screen, jasmin = scene.screen, scene.site.gateways[NAME]
    tenant = next(each for each in scene.tenants if each.gateway == NAME)
    screen.say(f"The host of {NAME} is lost, with {tenant.name} on it. Seconds since then:")
    jasmin.supervised = False
    died = time.perf_counter()
    jasmin.kill()
    screen.waiting(f"until the site says that {NAME} is down …")
    wait_for(lambda: _is_down(scene), bool, f"{NAME} down in /readyz")
    screen.waited()
    _show(scene, died, f"/readyz says that {NAME} is down; what {tenant.name} sends waits")
    scene.manage("gateways", "evacuate", NAME, expect=(0,))
    _show(scene, died, "its organisation has another gateway")
    seconds = wait_for_another(tenant, died)
    _show(scene, died, f"{tenant.carrier.name} gets the next message of {tenant.name}")
    others = [each for each in scene.tenants if each is not tenant]
    for each in others:
        wait_for_another(each, died)
    scene.traffic.check()
    screen.done(
        f"{tenant.name} sends by another gateway {seconds:.1f} s after the loss; the others have "
        "noticed nothing"
    )
    return f"next message by another gateway {seconds:.1f} s after the loss"


def come_back(scene: Scene) -> str:
    screen, jasmin = scene.screen, scene.site.gateways[NAME]
    tenant = next(each for each in scene.tenants if each.gateway == NAME)
    screen.say(
        f"{NAME} is back. What it had accepted is in its journal: the site reads there what became "
        "of it. Nothing new goes to it before an operator says so:"
    )
    jasmin.supervised = True
    jasmin.start()
    screen.waiting("until the site has read its journal …")
    wait_for(
        lambda: _unfinished(tenant),
        lambda left: not left,
        f"the end of the messages that {NAME} had",
        timeout=BACK,
    )
    screen.waited()
    scene.manage("gateways", "activate", NAME, expect=(0,))
    scene.manage("gateways", "list", expect=(0,))
    scene.manage("gateways", "balance", "--plan", expect=(0, 3))
    screen.done("its journal is read, it is empty and in sync; new organisations may come to it")
    return "its journal read, drained, trusted again by a person"


def _is_down(scene: Scene) -> bool:
    checks = send("GET", f"{scene.site.url}/readyz").body.get("checks", {})
    return not checks.get(f"gateway.{NAME}", {}).get("ok", True)


def _unfinished(tenant: Tenant) -> list[str]:
    """Texts of its messages that have no outcome yet, but for the 20 newest."""
    recent = set(tenant.sent[-20:])
    return [
        each["body"]
        for each in tenant.messages()
        if not each["finished_at"] and each["body"] not in recent
    ]


def _show(scene: Scene, since: float, text: str) -> None:
    scene.screen.say(f"  {time.perf_counter() - since:6.2f}  {text}")
