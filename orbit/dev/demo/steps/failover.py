"""The first carrier of a country dies: its backup takes over, until it returns."""

from __future__ import annotations

import time
from collections.abc import Callable

from orbit.dev.demo.checks import check, wait_for
from orbit.dev.demo.customer_platform import Platform
from orbit.dev.demo.manual_console import BOUND, hands_on
from orbit.dev.demo.scene import Scene, Trunk
from orbit.dev.demo.steps.routing import FRANCE, ORDERS
from orbit.dev.demo.steps.traffic import who_has

PAUSE = 0.2  # seconds between two messages
DEAD = 3.0  # seconds
PATIENCE = 60.0  # seconds from the death until traffic has returned
TEXT = "Message "


class Outage:
    """Numbered messages to one country while its first carrier dies and returns."""

    def __init__(self, scene: Scene, platform: Platform) -> None:
        self._scene, self._platform = scene, platform
        self._first, self._backup = (scene.trunks[key] for key in ORDERS[FRANCE])
        self._ids: list[str] = []  # of message 1, 2, …
        self._died_at = time.perf_counter()

    def begin(self) -> None:
        self._send_to(self._first)
        name, backup = self._first.carrier.name, self._backup.carrier.name
        screen = self._scene.screen
        screen.say(f"Acme sends to +{FRANCE}: {name} comes first, {backup} is its backup.")
        screen.say(f"Message 1 goes to {name}. Seconds since {name} died:")

    def die(self) -> float:
        """Seconds until the next message is at the backup."""
        name = self._first.carrier.name
        with hands_on(self._scene.site.jasmin) as hands:
            cid = hands.ports()[str(self._first.carrier.port)]
            self._died_at = time.perf_counter()
            self._first.carrier.die()
            wait_for(hands.rows, lambda rows: rows[cid].session != BOUND, f"{name}'s unbind")
        self._show("its port is closed, its connections are cut; Jasmin has noticed")
        self._send_to(self._backup)
        return self._show(f"message 2 goes to {self._backup.carrier.name}")

    def come_back(self) -> float:
        """Seconds from the return until a message is at the first again."""
        name, screen = self._first.carrier.name, self._scene.screen
        screen.waiting(f"a message every {PAUSE} s …")
        self._send_until(lambda: self._seconds() > DEAD)
        self._first.carrier.revive()
        up = self._show(f"{name} is up again; Jasmin tries a lost carrier every 15 s")
        screen.waiting(f"until {name} is bound again …")
        self._send_until(lambda: self._taken_by(self._first) != [1])
        screen.waited()
        turn = self._taken_by(self._first)[1]
        return self._show(f"message {turn} goes to {name}: traffic has returned") - up

    def add_up(self) -> int:
        """How many messages there were: each taken once, by whom it should, with its receipt."""
        count, receipts = len(self._ids), self._platform.wait_for_receipts(set(self._ids))
        lost = [each for each in self._ids if receipts[each] != "DELIVRD"]
        check(not lost, f"{len(lost)} of {count} messages were not delivered")
        firsts, backups = self._taken_by(self._first), self._taken_by(self._backup)
        turn = firsts[1]
        check(backups == [*range(2, turn)], f"{self._backup.carrier.name} was given {backups}")
        check(firsts == [1, *range(turn, count + 1)], f"{self._first.carrier.name}: {firsts}")
        self._scene.screen.done(
            f"messages 2 to {turn - 1}, one every {PAUSE} s, went to {self._backup.carrier.name}; "
            f"all {count} were handed over once, and all {count} receipts came back"
        )
        return count

    def _send_until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            check(self._seconds() < PATIENCE, f"traffic has not returned after {PATIENCE:.0f} s")
            self._send()
            self._platform.listen(PAUSE)

    def _send(self) -> str:
        """The next message; its text."""
        text = f"{TEXT}{len(self._ids) + 1}"
        self._ids.append(self._platform.send(FRANCE, text))
        return text

    def _send_to(self, trunk: Trunk) -> None:
        """The next message, which this carrier has to take."""
        text = self._send()
        who = wait_for(lambda: who_has(self._scene, text), bool, f"{text!r} at a carrier")
        check(who == [trunk.carrier.key], f"{text!r} was taken by {who}")

    def _taken_by(self, trunk: Trunk) -> list[int]:
        """The numbers that the carrier was given, in their order there."""
        texts = trunk.carrier.texts(trunk.account.system_id)
        return [int(text.removeprefix(TEXT)) for text in texts if text.startswith(TEXT)]

    def _seconds(self) -> float:
        return time.perf_counter() - self._died_at

    def _show(self, text: str) -> float:
        """What has just happened, with its time, which is returned."""
        seconds = self._seconds()
        self._scene.screen.say(f"  {seconds:6.2f}  {text}")
        return seconds


def survive(scene: Scene) -> str:
    check(scene.access, "there is no access to bind with")
    with Platform(scene.access) as platform:
        outage = Outage(scene, platform)
        outage.begin()
        over = outage.die()
        back = outage.come_back()
        count = outage.add_up()
    return f"backup after {over:.2f} s, return after {back:.0f} s; {count} messages, none lost"
