"""`make demo FLEET=3`: another story, on as many gateways as are asked for."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from orbit.dev.demo import __main__ as demo
from orbit.dev.demo.checks import Failed
from orbit.dev.demo.fleet_story import FLEET_STORY, GATEWAYS
from orbit.dev.demo.steps.fleet import evacuation, placement, upgrade
from orbit.dev.demo.story import STORY

MAKEFILE = Path(demo.PROJECT) / "Makefile"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SimpleNamespace:
    """The gateways and the story of a demo that starts nothing."""
    seen = SimpleNamespace()

    def make(root: Path, gateways: tuple[str, ...]) -> SimpleNamespace:
        seen.gateways = gateways
        return SimpleNamespace(stop=lambda: None, stack=None)

    def tell(_: object, steps: object) -> list:
        seen.story = steps
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "Site", make)
    monkeypatch.setattr(demo.Demo, "_start", lambda *_: None)
    monkeypatch.setattr(demo.story, "tell", tell)
    monkeypatch.setattr(demo.signal, "signal", lambda *_: None)
    seen.run = lambda *options: demo.main(["--folder", str(tmp_path / "demo"), *options])
    return seen


def test_one_gateway_has_the_whole_story(told: SimpleNamespace) -> None:
    told.run()

    assert (told.gateways, told.story) == (("main",), STORY)


def test_three_have_one_of_their_own(told: SimpleNamespace) -> None:
    told.run("--fleet", "3")

    assert told.gateways == ("main", "second", "third")
    assert told.story == FLEET_STORY
    assert {upgrade.NAME, evacuation.NAME} < set(told.gateways)


def test_each_tenant_knows_its_gateway_in_whatever_order_they_are_filled() -> None:
    """Of gateways with the same load the first by name is filled first."""
    listed = """\
main  gw_1  127.0.0.1:1  1 organisation(s)  up
second  gw_2  127.0.0.1:2  0 organisation(s)  up
    lacking: 1 organisation(s)
fourth  gw_3  127.0.0.1:3  1 organisation(s)  up
"""
    first = SimpleNamespace(gateway="fourth")

    assert placement.new_home(listed, [first]) == "main"
    with pytest.raises(Failed):
        placement.new_home(listed, [first, SimpleNamespace(gateway="main")])


@pytest.mark.parametrize("count", ["0", "2", str(len(GATEWAYS) + 1)])
def test_a_number_with_which_the_story_can_not_be_told_is_refused(
    told: SimpleNamespace, count: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The story upgrades `second` and loses `third`."""
    with pytest.raises(SystemExit):
        told.run("--fleet", count)
    assert "--fleet" in capsys.readouterr().err


def test_make_passes_the_number_on() -> None:
    assert "$(if $(FLEET),--fleet $(FLEET))" in MAKEFILE.read_text()
