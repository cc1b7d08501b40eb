"""The step about STOP against a site that keeps its promises, and against sites that do not."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from orbit.dev.demo import checks
from orbit.dev.demo.checks import Failed
from orbit.dev.demo.scene import Scene
from orbit.dev.demo.screen import Screen
from orbit.dev.demo.steps import opt_out
from orbit.dev.demo.steps.opt_out import COUNT, LEAVER

CONFIRMED = "You get nothing more."
PHONE = LEAVER.removeprefix("+")


class World:
    """Site, carrier and webhook in one. `leaks`: the leaver gets the campaign all the same;
    `confirmations`: how often a STOP is confirmed."""

    def __init__(self, *, leaks: bool = False, confirmations: int = 1) -> None:
        self.leaks, self.confirmations = leaks, confirmations
        self.allowed, self.sent = True, 0
        self.taken: list[dict[str, Any]] = []
        self.got: list[str] = []

    def submits(self, system_id: str) -> list[dict[str, Any]]:
        return [{"destination_addr": PHONE, "text": text, "part": None} for text in self.got]

    def send_text(self, system_id: str, sender: str, to: str, text: str, **_: Any) -> None:
        self.allowed = text == "START"
        if not self.allowed:
            event = {"id": "evt_1", "type": "contact.opted_out", "data": {"number": sender}}
            self.taken.append({"body": event})
            self.got += [CONFIRMED] * self.confirmations + ["Half price"] * self.leaks

    def answers(self, method: str, path: str, body: object) -> tuple[int, bytes]:
        status, data = self._answer(method, path.removeprefix("/v1").partition("?")[0])
        key = "error" if status >= 400 else "data"
        return status, json.dumps({key: data}).encode()

    def _answer(self, method: str, path: str) -> tuple[int, Any]:
        match method, path:
            case "POST", "/messaging/sender-pools":
                return 201, {"id": "pool_1"}
            case "POST", "/campaigns":
                return 201, {"id": "cmp_1", "progress": {}}
            case "POST", "/campaigns/cmp_1/start":
                return 202, {}
            case "GET", "/campaigns/cmp_1":
                return 200, self._campaign()
            case "GET", "/campaigns/cmp_1/messages":
                return 200, [{"to": LEAVER, "error": {"code": "OPTED_OUT"}}]
            case "GET", "/opt-outs/check":
                return 200, {"allowed": self.allowed}
            case "GET", "/messages":
                return 200, [{"body": text} for text in self.got]
            case "POST", "/messages/sms":
                return (202, {"id": "msg_1"}) if self.allowed else (422, {"code": "OPTED_OUT"})
            case "GET", "/messages/msg_1":
                return 200, {"finished_at": "now", "status": "delivered"}
        raise AssertionError(f"{method} {path}")

    def _campaign(self) -> dict[str, Any]:
        over = not self.allowed
        self.sent = COUNT - 1 if over else self.sent + 4
        counts = {"queued": 0, "sending": 0, "sent": 0, "delivered": self.sent, "failed": int(over)}
        return {"status": "completed" if over else "sending", "progress": counts, "opted_out": 1}


@pytest.fixture
def told(screen: Screen, serve, monkeypatch: pytest.MonkeyPatch):
    """The step in such a world."""
    monkeypatch.setattr(checks.wait_for, "__kwdefaults__", {"timeout": 10})

    def tell(world: World) -> str:
        site = SimpleNamespace(base_url=f"{serve(world.answers)}/v1", inbox=world)
        north = SimpleNamespace(carrier=world, account=SimpleNamespace(system_id="acme"))
        scene = Scene(
            site, screen, credentials={"north": north}, carrier_ids={"north": "carr_1"}
        )  # fmt: skip
        return opt_out.stop(scene)

    return tell


def test_all_but_the_leaver_get_it_and_START_lets_through(told, page) -> None:
    assert told(World()).startswith(f"{COUNT - 1} of {COUNT} delivered")
    assert f"all that the phone got: {CONFIRMED}" in page.text


def test_a_message_that_passes_the_gate_is_a_failure(told) -> None:
    with pytest.raises(Failed, match="the phone has got 2 texts"):
        told(World(leaks=True))


def test_a_second_confirmation_is_a_failure(told) -> None:
    with pytest.raises(Failed, match="the phone has got 2 texts"):
        told(World(confirmations=2))
