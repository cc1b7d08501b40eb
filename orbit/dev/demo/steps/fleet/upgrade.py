"""Step: a gateway is drained, started again and checked, while messages go on."""

from __future__ import annotations

import time

from orbit.dev.demo.checks import check
from orbit.dev.demo.scene import Scene
from orbit.dev.demo.tenants import wait_for_another

NAME = "second"


def upgrade(scene: Scene) -> str:
    screen, jasmin = scene.screen, scene.site.gateways[NAME]
    screen.say(
        f"{NAME} is to have another launcher. Its organisation goes to another gateway first: the "
        "new bind is up before the old one goes. Then it is started again, here by its supervisor:"
    )
    before = jasmin.pid
    begun = time.perf_counter()
    scene.manage("gateways", "upgrade", NAME, "--restart-command", f"kill {before}", expect=(0,))
    seconds = time.perf_counter() - begun
    check(jasmin.pid not in (None, before), f"{NAME} is the same process still")
    for tenant in scene.tenants:
        wait_for_another(tenant, begun)
    scene.traffic.check()
    screen.done(f"{NAME} is another process, in sync and checked, after {seconds:.1f} s")
    return f"moved off, restarted, checked in {seconds:.0f} s; messages went on"
