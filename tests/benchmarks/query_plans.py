"""Measures a question to PostgreSQL: its statements, their times, their plans."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection

TIMES = 5  # runs of each question
_PLANNED = ("SELECT", "UPDATE", "DELETE", "WITH")


@dataclass
class Statement:
    sql: str
    params: Any
    seconds: float = 0.0


@dataclass
class Answer:
    """Medians in milliseconds: `server`, on a core of the database's process, which another load of
    the machine does not lengthen; `database`, until it has answered; `whole`. `nodes` that read
    large tables, and the `scans` of whole ones among them."""

    name: str
    server: float
    python: float
    database: float
    whole: float
    statements: int
    nodes: list[str] = field(default_factory=list)
    scans: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        shown = "; ".join(self.nodes) or "–"
        times = f"{self.server:8.1f}{self.python:8.1f}{self.database:9.1f}{self.whole:9.1f}"
        return f"  {self.name:<42}{times}{self.statements:5}  {shown}"


def ask(name: str, question: Callable[[], Any], *, tables: set[str]) -> Answer:
    """Ask it once to fill caches, then `TIMES` times."""
    question()
    rounds: list[tuple[float, ...]] = []
    for _ in range(TIMES):
        with watched() as statements:
            before, started = on_core(), time.perf_counter()
            used = time.process_time()
            question()
            python, whole = time.process_time() - used, time.perf_counter() - started
            server = on_core() - before
        database = sum(each.seconds for each in statements)
        rounds.append((server, python, database, whole))
    medians = (median(each) * 1000 for each in zip(*rounds, strict=True))
    answer = Answer(name, *medians, len(statements))
    for node in (node for each in statements for node in _plan(each)):
        if node.get("Relation Name", node.get("Index Name")) in tables | _indexes(tables):
            said = _said(node)
            if said not in answer.nodes:
                answer.nodes.append(said)
            if node["Node Type"] == "Seq Scan":
                answer.scans.append(node["Relation Name"])
    return answer


@contextmanager
def watched() -> Iterator[list[Statement]]:
    """The statements of this block."""
    found: list[Statement] = []

    def execute(run: Callable, sql: str, params: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return run(sql, params, many, context)
        finally:
            found.append(Statement(sql, params, time.perf_counter() - started))

    with connection.execute_wrapper(execute):
        yield found


def on_core() -> float:
    """Seconds that the process of this connection has run; the server is on this machine."""
    pid = connection.connection.info.backend_pid
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def _plan(statement: Statement) -> Iterator[Mapping[str, Any]]:
    if not statement.sql.lstrip("( ").upper().startswith(_PLANNED):
        return
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement.sql}", statement.params)
        (plans,) = cursor.fetchone()
    waiting = [each["Plan"] for each in plans]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.get("Plans", ())


def _said(node: Mapping[str, Any]) -> str:
    kind = node["Node Type"].replace("Index Only Scan", "only").replace("Index Scan", "index")
    kind = kind.replace("Bitmap Heap Scan", "heap").replace("Bitmap Index Scan", "bitmap")
    back = " back" if node.get("Scan Direction") == "Backward" else ""
    return f"{kind}{back} {node.get('Index Name', node.get('Relation Name'))}"


def _indexes(tables: set[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = ANY (%s)", [list(tables)]
        )
        return {name for (name,) in cursor.fetchall()}
