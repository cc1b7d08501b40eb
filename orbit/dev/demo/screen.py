"""The output of the demo: plain lines into a pipe, colours and a spinner in a terminal."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from orbit.dev.demo.commands import Output
from orbit.dev.demo.http import Answer
from orbit.dev.stack.jasmin import PROJECT

BLANK = "••••••••"
SECRETS = frozenset({"password", "current_password", "tls_key"})
NAME_WIDTH = 36  # of what starts
INDENT = 3  # of everything, for its mark
PIPED_WIDTH = 200  # of tables


class Screen:
    """Prints lines, each with a mark: ✓ done, → request, ← answer, $ command, > typed by hand.

    Its methods may be called from several threads.
    """

    def __init__(self, console: Console | None = None) -> None:
        if console is None:
            # A terminal that knows no ✓ gets a question mark, not a traceback.
            sys.stdout.reconfigure(errors="replace", line_buffering=True)
            console = Console(highlight=False)
        self._console = console
        self._lock = threading.Lock()
        self._status = None
        if console.is_terminal:
            self._status = console.status("")
        else:
            console.width = PIPED_WIDTH

    # -- headings and words -----------------------------------------------------------------

    def title(self, text: str, *notes: str) -> None:
        self._print(Text(text, style="bold"))
        for note in notes:
            self._print(Text(note, style="dim"))

    def heading(self, text: str) -> None:
        title = Text(text, style="bold")
        self._print(Text())
        if self._console.is_terminal:
            self._print(Rule(title, align="left", style="dim"))
        else:
            self._print(Text(f"== {text}"))

    def say(self, text: str) -> None:
        self._line(" ", text)

    def done(self, text: str) -> None:
        self._line("✓", text, style="green")

    def note(self, text: str) -> None:
        self._line(" ", text, style="dim")

    def failed(self, text: str) -> None:
        self._line("✗", text, style="bold red")

    def started(self, name: str, seconds: float) -> None:
        self._line("✓", f"{name:<{NAME_WIDTH}}{seconds:5.1f} s")

    # -- what was done and what came back ---------------------------------------------------

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> None:
        typed = "" if body is None else f"  {json.dumps(masked(body), ensure_ascii=False)}"
        self._line("→", f"{method} {path}{typed}", style="cyan")

    def answer(self, answer: Answer, shown: Mapping[str, Any] | None = None) -> None:
        """Status and time of an answer, and the parts of its body that are worth showing."""
        text = f"  {json.dumps(masked(shown), ensure_ascii=False)}" if shown else ""
        self._line("←", f"{answer.status}{text}  ({milliseconds(answer.seconds)})")

    def command(self, text: str) -> None:
        self._line("$", text, style="cyan")

    def output(self, output: Output) -> None:
        for line in output.text.splitlines():
            self.say(f"  {line}")
        self.note(f"  exit status {output.status}  ({output.seconds:.1f} s)")

    def typed(self, lines: Iterable[str]) -> None:
        """Lines that are typed on Jasmin's console by hand."""
        self._line(">", f"jcli : {' ⏎ '.join(lines)}", style="magenta")

    def table(self, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A table: two columns of words, the others of numbers."""
        table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim")
        for place, name in enumerate(header):
            table.add_column(name, justify="left" if place < 2 else "right", no_wrap=True)
        for row in rows:
            table.add_row(*map(Text, row))
        self._print(Padding(table, (0, 0, 0, INDENT), expand=False))

    def steps(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Title, time and outcome of each step that succeeded."""
        table = Table.grid(padding=(0, 3, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, justify="right")
        table.add_column()
        for title, seconds, outcome in rows:
            table.add_row(Text(f" ✓ {title}", style="green"), seconds, Text(outcome, style="green"))
        self._print(table)

    def log(self, name: str, lines: Iterable[str]) -> None:
        self.note(f"--- {name}")
        for line in lines:
            self.note(line)

    # -- waiting ----------------------------------------------------------------------------

    def waiting(self, text: str) -> None:
        """Show a spinner with this text until `waited`; in a pipe, nothing."""
        if self._status:
            self._status.update(Text(text, style="dim"))
            self._status.start()

    def waited(self) -> None:
        if self._status:
            self._status.stop()

    def _line(self, mark: str, text: str, *, style: str = "") -> None:
        """A line, wrapped behind its mark in a terminal, in one piece in a pipe."""
        if self._console.is_terminal:
            grid = Table.grid()
            grid.add_column(width=INDENT, no_wrap=True)
            grid.add_column(overflow="fold")
            grid.add_row(Text(f" {mark}", style=style), Text(text, style=style))
            self._print(grid)
        else:
            self._print(Text(f" {mark} {text}"))

    def _print(self, shown: RenderableType) -> None:
        with self._lock:
            self._console.print(shown, soft_wrap=isinstance(shown, Text))


def masked(value: Any) -> Any:
    """The same with its secrets blanked."""
    if isinstance(value, Mapping):
        return {
            name: BLANK if name in SECRETS and isinstance(inner, str) else masked(inner)
            for name, inner in value.items()
        }
    return value


def mask_key(key: str) -> str:
    """Enough of an API key to recognise it."""
    return f"{key[:15]}…"


def short(path: Path) -> str:
    """The path relative to the project's folder, if it is inside."""
    return str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else str(path)


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f}\N{NO-BREAK SPACE}ms"
