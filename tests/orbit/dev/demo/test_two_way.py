"""What the steps about customers who write take for true."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from orbit.dev.demo import checks
from orbit.dev.demo.checks import Failed
from orbit.dev.demo.screen import Screen
from orbit.dev.demo.steps.two_way import heard, texts_to


def event(identity: str, kind: str = "message.received", **data: Any) -> dict[str, Any]:
    return {"body": {"id": identity, "type": kind, "data": data}}


@pytest.fixture
def scene(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    monkeypatch.setattr(checks.wait_for, "__kwdefaults__", {"timeout": 0.1})
    return SimpleNamespace(
        screen=screen, site=SimpleNamespace(inbox=SimpleNamespace(taken=[{"body": "no JSON"}]))
    )


def test_an_event_that_is_delivered_twice_is_heard_once(scene) -> None:
    wanted = event("evt_1", body="hello")
    scene.site.inbox.taken += [event("evt_2", body="other"), wanted, wanted]
    assert heard(scene, "message.received", body="hello") == {"body": "hello"}


def test_one_text_that_is_told_as_two_is_a_failure(scene) -> None:
    scene.site.inbox.taken += [event("evt_1", body="hello"), event("evt_2", body="hello")]
    with pytest.raises(Failed, match="came as 2 events"):
        heard(scene, "message.received", body="hello")


def test_what_never_comes_is_a_failure(scene) -> None:
    scene.site.inbox.taken += [event("evt_1", "contact.opted_out", body="hello")]
    with pytest.raises(Failed, match=r"the event message\.received at the webhook"):
        heard(scene, "message.received", body="hello")


def test_only_what_went_to_this_phone_is_its_and_parts_are_one_text() -> None:
    submits = [
        {"destination_addr": "33711000059", "text": "one", "part": None},
        {"destination_addr": "33711000058", "text": "other", "part": None},
        {"destination_addr": "33711000059", "text": "two ", "part": [7, 2, 1]},
        {"destination_addr": "33711000059", "text": "parts", "part": [7, 2, 2]},
    ]
    carrier = SimpleNamespace(submits=lambda system_id: submits)
    north = SimpleNamespace(carrier=carrier, account=SimpleNamespace(system_id="acme"))
    scene = SimpleNamespace(credentials={"north": north})
    assert texts_to(scene, "+33711000059") == ["one", "two parts"]
