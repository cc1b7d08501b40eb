"""Somebody changes Jasmin by hand; the next pass brings it home, and leaves the rest alone."""

from __future__ import annotations

import time

from orbit.dev.demo.checks import Failed, check
from orbit.dev.demo.manual_console import BOUND, Hands, hands_on
from orbit.dev.demo.scene import Scene, is_bound

FOREIGN = "handmade"
WRONG_THROUGHPUT = 1  # message/s
TRIES = 3


def repair(scene: Scene) -> str:
    screen, site = scene.screen, scene.site
    with hands_on(site.jasmin) as hands:
        cids = _cids(scene, hands)
        throughput = hands.settings(cids["south"])["submit_throughput"]
        screen.say(
            "On Jasmin's console somebody adds a connector of their own, deletes one of ours and "
            "slows the other down:"
        )
        typed = hands.add(FOREIGN, host="127.0.0.1", port="9", username="somebody")
        screen.typed(typed.lines)
        foreign = hands.settings(FOREIGN)
        _break(scene, hands, cids)
        begun = time.perf_counter()
        scene.manage("reconcile", expect=(0,))
        scene.wait_for_credential(
            scene.trunks["north"].credential_id, is_bound, "the deleted connector, bound again"
        )
        seconds = time.perf_counter() - begun
        rows, slow = hands.rows(), hands.settings(cids["south"])
        check(rows[cids["north"]].session == BOUND, "the deleted connector is not bound again")
        check(slow["submit_throughput"] == throughput, "the throughput is still wrong")
        check(rows[cids["south"]].stops == 0, "the other connector was restarted for nothing")
        check(hands.settings(FOREIGN) == foreign, "the connector of somebody else was touched")
    screen.done(f"both are as they were, {seconds:.1f} s later; {FOREIGN!r} was not touched")
    scene.manage("reconcile", "--plan", expect=(0,))
    screen.say("Whoever made it takes it away again:")
    with hands_on(site.jasmin) as hands:
        screen.typed(hands.delete(FOREIGN).lines)
    return "shown and repaired; what is not ours left alone"


def _cids(scene: Scene, hands: Hands) -> dict[str, str]:
    """The connectors that somebody will break: those to these carriers' ports."""
    ports = hands.ports()
    return {key: ports[str(scene.trunks[key].carrier.port)] for key in ("north", "south")}


def _break(scene: Scene, hands: Hands, cids: dict[str, str]) -> None:
    """Delete and change by hand, and see the plan say so.

    The beat passes every 30 s, and may come between the hands and the plan: then once more.
    """
    for _ in range(TRIES):
        scene.screen.typed(hands.delete(cids["north"]).lines)
        slowed = hands.change_throughput(cids["south"], WRONG_THROUGHPUT)
        scene.screen.typed(slowed.lines)
        output = scene.manage("reconcile", "--plan", expect=(0, 3))
        if output.status == 3 and all(cid in output.text for cid in cids.values()):
            scene.screen.done("the plan names both; exit status 3 says that changes are pending")
            return
        scene.screen.say("The beat's pass came first and repaired it already. Once more:")
    raise Failed(f"the plan did not show what was changed by hand, {TRIES} times")
