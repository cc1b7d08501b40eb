"""Prints the table of the roads, with the load on PostgreSQL and Redis of each."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from tests.benchmarks.road import sizes
from tests.benchmarks.road.counters import Asked

UNIT = 500  # messages, that statements are counted for
APART = ("SMSC", "sink", "load")  # not the product's CPU, nor Kannel's
LONGEST = 110  # characters of a statement


@dataclass(frozen=True)
class Row:
    """`at_smsc`: submits/s, but for the first fifth; `to_reports`: messages/s from the first
    request to the last report; `cpu`: milliseconds a message, by process; `asked`: None of
    Kannel; `yardstick`: `cpu_yardstick.yardstick`, the median meanwhile."""

    road: str
    count: int
    at_smsc: float
    to_reports: float
    cpu: dict[str, float]
    yardstick: float
    asked: Asked | None = None


def print_head() -> None:
    print("\n\nFrom the first request to the last report: messages/s, and CPU ms a message")
    print("  Kannel spools to disk and keeps no rows: it has no API keys, no states to ask for, no")
    print("  campaigns, and its reports are in memory. `own`: all processes of the product.")
    print(
        "  `yardstick`: CPU ms of a fixed piece of Python meanwhile, to compare with another run."
    )
    heads = ("messages", "at the SMSC", "to reports", "own CPU", "yardstick")
    print(f"  {'':<28}" + "".join(f"{head:>12}" for head in heads) + "  of it; apart", flush=True)


def print_row(row: Row) -> None:
    own = {name: each for name, each in row.cpu.items() if name not in APART}
    apart = {name: each for name, each in row.cpu.items() if name in APART}
    cells = (
        str(row.count),
        f"{row.at_smsc:.0f}",
        f"{row.to_reports:.0f}",
        f"{sum(own.values()):.2f}",
        f"{row.yardstick:.1f}",
    )
    print(f"  {row.road:<28}" + "".join(f"{cell:>12}" for cell in cells), end="  ")
    print(f"{_shares(own)}; {_shares(apart)}", flush=True)


def print_aims(rows: list[Row], kannel: Row) -> None:
    """Nothing is asserted of them."""
    print(
        "\n  Aims: campaign and POSTs of many at least Kannel's rate and at most 2 ms; single POSTs"
    )
    print("  at least 300/s and at most 5 ms.")
    for row in rows:
        ratio = row.to_reports / kannel.to_reports
        own = sum(each for name, each in row.cpu.items() if name not in APART)
        print(f"    {row.road:<28}{ratio:>6.2f} of Kannel's messages/s, {own:.2f} ms")


def print_asked(row: Row, idle: Asked | None, seconds: float, idle_seconds: float) -> None:
    """By `UNIT` messages. `idle`: of a time without messages."""
    if row.asked is None:
        return
    each = UNIT / row.count
    print(
        f"\n  {row.road}, by {UNIT} messages: {row.asked.commands * each:.0f} Redis commands",
        end="",
    )
    statements = row.asked.statements
    if statements is None:
        print("; statements are not counted: pg_stat_statements is not installed")
        return
    print(f", {statements.total() * each:.1f} statements (aim: at most 60)", end="")
    print(f", {row.asked.control * each:.1f} BEGIN and COMMIT", end="")
    print(f", {row.asked.checks * each:.1f} checks of foreign keys", end="")
    print(f"; {row.asked.milliseconds.total() / row.count:.3f} ms a message in all of them")
    if idle is not None and idle.statements is not None:
        rate = idle.statements.total() / idle_seconds
        share = rate * seconds * each
        print(
            f"    an idle site asks {rate:.1f} statements/s: {share:.1f} of those {UNIT} messages'"
        )
    times = _alike(row.asked.milliseconds)
    print(f"    {'calls':>8}{'ms a message':>14}  the most frequent, and those that take most")
    calls = _alike(statements)
    shown = dict.fromkeys([text for text, _ in calls.most_common(sizes.TOP)])
    shown |= dict.fromkeys([text for text, _ in times.most_common(sizes.TOP)])
    for text in shown:
        print(f"    {calls[text] * each:>8.1f}{times[text] / row.count:>14.3f}  {text[:LONGEST]}")


def _alike(counts: Counter[str]) -> Counter[str]:
    """Statements that differ in the number of their values count as one."""
    found: Counter[str] = Counter()
    for text, count in counts.items():
        one = re.sub(r"\$\d+(::\w+)?", "?", " ".join(text.split()))
        one = re.sub(r"\((\?, )+\?\)", "(?)", one)
        one = re.sub(r"(\(\?\), )+\(\?\)", "(?)", one)
        found[re.sub(r"SELECT .{60,}? FROM", "SELECT … FROM", one)] += count
    return found


def _shares(cpu: dict[str, float]) -> str:
    return ", ".join(f"{name} {each:.2f}" for name, each in cpu.items())
