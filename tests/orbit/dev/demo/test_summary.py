"""A failure shows what people need to see next."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from orbit.dev.demo.checks import Failed
from orbit.dev.demo.story import Step, StepFailed, Told
from orbit.dev.demo.summary import TAIL, show_end, show_failure
from orbit.dev.stack import StackError


def make_site(logs: Path, ended: dict[str, int] | None = None) -> SimpleNamespace:
    def still(**_: object) -> dict[str, int]:
        if ended is None:
            raise StackError("the stack has been stopped")
        return ended

    return SimpleNamespace(logs=logs, ended=still)


def test_the_logs_of_the_step_and_of_who_has_ended_are_shown(screen, page, tmp_path: Path) -> None:
    for name in ("worker", "web", "beat"):
        lines = [f"{name} line {number}" for number in range(1, TAIL + 2)]
        (tmp_path / f"{name}.log").write_text("\n".join(lines))
    step = Step("Two carriers", lambda _: "", logs=("worker", "south"))
    show_failure(screen, make_site(tmp_path, {"web": -9}), StepFailed(2, step, "no bind"))
    assert " ✗ Step 2, “Two carriers”: no bind\n" in page.text
    assert " ✗ web has ended, status -9\n" in page.text
    assert f"worker line {TAIL + 1}\n" in page.text
    assert "worker line 1\n" not in page.text
    assert "web line 2\n" in page.text
    assert "beat line" not in page.text


def test_a_stack_that_is_gone_already_hides_nothing(screen, page, tmp_path: Path) -> None:
    (tmp_path / "postgres.log").write_text("no space left on device\n")
    show_failure(screen, make_site(tmp_path), StackError("postgres ended with status 1"))
    assert " ✗ postgres ended with status 1\n" in page.text
    assert "no space left on device" in page.text


def test_a_failure_outside_of_the_story_shows_the_servers(screen, page, tmp_path: Path) -> None:
    (tmp_path / "web.log").write_text("Address already in use\n")
    show_failure(screen, make_site(tmp_path, {}), Failed("web ended at its start"))
    assert "Address already in use" in page.text


def test_the_end_lists_every_step_with_its_time(screen, page) -> None:
    show_end(screen, [Told("One", "good", 1.0), Told("Another", "better", 12.5)], start=8, story=13)
    lines = [line.rstrip() for line in page.text.splitlines()]
    assert lines[-2:] == [" ✓ 1. One        1.0 s   good", " ✓ 2. Another   12.5 s   better"]
