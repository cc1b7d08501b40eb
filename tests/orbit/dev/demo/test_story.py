"""Steps are told in order, until one does not do what it says."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from orbit.dev.demo.checks import Failed
from orbit.dev.demo.screen import Screen
from orbit.dev.demo.story import STORY, Step, StepFailed, tell


@pytest.fixture
def scene(screen: Screen) -> SimpleNamespace:
    return SimpleNamespace(screen=screen)


def failing(error: Exception) -> Step:
    def fail(_scene: object) -> str:
        raise error

    return Step("A step that fails", fail, logs=("worker", "north"))


def test_every_step_is_told_with_its_outcome(scene, page) -> None:
    story = [Step("First", lambda _: "good"), Step("Second", lambda _: "better")]
    told = tell(scene, story)
    assert [(each.title, each.outcome) for each in told] == [
        ("First", "good"),
        ("Second", "better"),
    ]
    assert page.text.index("1. First") < page.text.index("2. Second")


def test_the_first_failure_ends_the_story_and_is_named(scene, page) -> None:
    story = [Step("First", lambda _: ""), failing(Failed("no bind")), Step("Third", lambda _: "")]
    with pytest.raises(StepFailed, match="^Step 2, “A step that fails”: no bind$") as failure:
        tell(scene, story)
    assert failure.value.logs == ("worker", "north")
    assert "Third" not in page.text


def test_a_step_that_breaks_has_failed(scene) -> None:
    with pytest.raises(StepFailed, match="Step 1, .*KeyError: 'verification'"):
        tell(scene, [failing(KeyError("verification"))])


def test_an_interrupt_is_no_failure(scene) -> None:
    with pytest.raises(KeyboardInterrupt):
        tell(scene, [failing(KeyboardInterrupt())])


def test_every_step_has_a_title_of_its_own() -> None:
    titles = [step.title for step in STORY]
    assert len(set(titles)) == len(titles) >= 9
