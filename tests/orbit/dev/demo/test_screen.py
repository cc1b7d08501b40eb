"""What strangers see, and what they must not."""

from __future__ import annotations

from email.message import Message
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from orbit.dev.demo.commands import Output
from orbit.dev.demo.http import Answer
from orbit.dev.demo.screen import Screen, mask_key, masked, short
from orbit.dev.stack.jasmin import PROJECT


def test_passwords_are_blanked_in_requests_and_answers(screen: Screen, page) -> None:
    screen.request("POST", "/v1/x", {"name": "North", "password": "hunter22"})
    screen.answer(Answer(200, 0.0123, Message(), {}), {"password": "hunter22", "staged": False})
    assert "hunter22" not in page.text
    assert ' → POST /v1/x  {"name": "North", "password": "••••••••"}\n' in page.text
    assert (
        ' ← 200  {"password": "••••••••", "staged": false}  (12\N{NO-BREAK SPACE}ms)\n' in page.text
    )


def test_what_is_said_about_a_password_is_shown() -> None:
    about = {"password": {"set_at": "2026-03-08T12:00:00Z", "revealable": True}}
    assert masked(about) == about


def test_a_password_is_blanked_at_any_depth() -> None:
    assert masked({"a": {"current_password": "hunter22"}})["a"]["current_password"] != "hunter22"


def test_an_answer_without_a_body_is_its_status_and_its_time(screen: Screen, page) -> None:
    screen.answer(Answer(204, 0.02, Message(), {}))
    assert page.text == " ← 204  (20\N{NO-BREAK SPACE}ms)\n"


def test_lines_are_never_cut_or_wrapped_when_they_are_piped(screen: Screen, page) -> None:
    screen.say("x" * 500)
    screen.output(Output(3, f"plan\n{'y' * 500}", "", 1.23))
    assert f"   {'x' * 500}\n" in page.text
    assert f"     {'y' * 500}\n     exit status 3  (1.2 s)\n" in page.text


def test_square_brackets_are_text(screen: Screen, page) -> None:
    screen.failed("[bold]Unknown connector: [x]")
    screen.heading("[1] is a number")
    assert " ✗ [bold]Unknown connector: [x]\n" in page.text
    assert "[1] is a number" in page.text


def test_a_key_can_be_recognised_and_not_used() -> None:
    key = "dv_live_sk_0123456789abcdef0123456789abcdef"
    assert mask_key(key) == "dv_live_sk_0123…"


def test_paths_are_shown_from_the_project() -> None:
    assert short(PROJECT / ".local" / "demo.json") == ".local/demo.json"
    assert short(Path("/elsewhere/demo")) == "/elsewhere/demo"


def test_tables_are_as_wide_as_what_is_in_them(screen: Screen, page) -> None:
    screen.table(("posted", "until", "p50"), [("one by one", "BOUND_TRX in Jasmin", "0.19")])
    assert [line.rstrip() for line in page.text.splitlines()] == [
        "   posted       until                  p50",
        "   one by one   BOUND_TRX in Jasmin   0.19",
    ]
    assert max(map(len, page.text.splitlines())) < 50


@pytest.fixture
def terminal(page) -> Screen:
    """The screen of a person, 40 columns wide."""
    return Screen(Console(file=page, highlight=False, force_terminal=True, no_color=True, width=40))


def test_in_a_terminal_long_lines_are_wrapped_behind_their_mark(terminal: Screen, page) -> None:
    terminal.done("wörd " * 20)

    lines = [Text.from_ansi(line).plain.rstrip() for line in page.text.splitlines()]
    assert len(lines) > 2
    assert lines[0].startswith(" ✓ wörd")
    assert all(line.startswith("   w") for line in lines[1:])
    assert max(map(len, lines)) <= 40
    assert " ".join(lines).count("wörd") == 20


def test_in_a_terminal_a_heading_is_a_rule(terminal: Screen, page) -> None:
    terminal.heading("The [first] step")

    (_, rule) = Text.from_ansi(page.text).plain.splitlines()
    assert rule.startswith("The [first] step ─")


def test_what_is_waited_for_is_said_in_a_terminal_alone(
    terminal: Screen, screen: Screen, page
) -> None:
    screen.waiting("for Jasmin")
    screen.waited()
    assert page.text == ""

    terminal.waiting("for Jasmin")
    terminal.waited()
    assert "for Jasmin" in Text.from_ansi(page.text).plain
