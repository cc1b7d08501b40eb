"""The rules that keep the tree easy to read, held by machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[1]
CODE = ("orbit", "messaging", "reconciler", "tests")
MAX_FILE = 300  # lines
MAX_FUNCTION = 50  # lines, without its signature and docstring
DRAWERS = {"utils.py", "util.py", "helpers.py", "common.py", "misc.py"}
# Module names that can open a connection or start a process behind an innocent name.
REACHES_OUT = {"http.client", "urllib.request", "urllib3"}
MAY_REACH_OUT = (
    "tests/",
    "messaging/net/http.py",
    "orbit/dev/demo/",  # a client of the API
    "orbit/dev/stack/jasmin.py",  # waits for its HTTP API
    "reconciler/gateway_client/",
    "reconciler/receiver/dlr_base_url.py",  # asks this site's own door
)


def files() -> list[Path]:
    found = [path for folder in CODE for path in (ROOT / folder).rglob("*.py")]
    assert len(found) > 100
    return [path for path in found if "migrations" not in path.parts]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@dataclass(frozen=True)
class Function:
    name: str
    lines: int
    has_imports: bool


@dataclass(frozen=True)
class Source:
    imports: list[ast.Import | ast.ImportFrom]
    functions: list[Function]


@cache
def source(path: Path) -> Source:
    """What the tests ask of a file, read once for all of them."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    found = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return Source(
        [node for node in nodes if is_import(node)],
        [
            Function(node.name, body_lines(node), any(map(is_import, ast.walk(node))))
            for node in found
        ],
    )


def is_import(node: ast.AST) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def import_graph() -> dict[str, set[str]]:
    """Each of our modules with those of ours that it names in an import, by dotted name."""
    paths = {dotted(path): path for path in files() if path.parts[len(ROOT.parts)] != "tests"}
    return {
        module: {target for node in source(path).imports for target in imported(node, paths)}
        for module, path in paths.items()
    }


def dotted(path: Path) -> str:
    return name(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imported(node: ast.Import | ast.ImportFrom, modules: Container[str]) -> Iterator[str]:
    """The modules among `modules` that an absolute import names."""
    if isinstance(node, ast.Import):
        found = [each.name for each in node.names]
    else:
        assert node.level == 0, ast.unparse(node)
        inner = [f"{node.module}.{each.name}" for each in node.names]
        found = [each if each in modules else f"{node.module}" for each in inner]
    return (each for each in found if each in modules)


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of two modules or more of which each reaches each, sorted."""
    reached = {module: reach(graph, module) for module in graph}
    groups = {
        tuple(sorted(each for each in reached[module] if module in reached[each]))
        for module in graph
    }
    return sorted(list(group) for group in groups if len(group) > 1)


def reach(graph: dict[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    left = [start]
    while left:
        new = graph[left.pop()] - found
        found |= new
        left.extend(new)
    return found


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_imports_go_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_no_files_import_each_other_in_a_circle() -> None:
    """Imports for types alone count too."""
    assert circles(import_graph()) == []


def test_a_circle_of_imports_is_named() -> None:
    graph = {"a": {"b"}, "b": {"c", "d"}, "c": {"a"}, "d": {"e"}, "e": set(), "f": {"a", "f"}}

    assert circles(graph) == [["a", "b", "c"]]


def test_files_are_short() -> None:
    long = {}
    for path in files():
        lines = len(path.read_text().splitlines())
        if lines > MAX_FILE:
            long[name(path)] = lines

    assert long == {}


def test_functions_are_short() -> None:
    long = {
        f"{name(path)}:{function.name}": function.lines
        for path in files()
        for function in source(path).functions
    }

    assert {where: lines for where, lines in long.items() if lines > MAX_FUNCTION} == {}


def test_there_is_no_drawer_for_odds_and_ends() -> None:
    assert [name(path) for path in files() if path.name in DRAWERS] == []


def test_nothing_is_imported_inside_a_function() -> None:
    hidden = [
        f"{name(path)}:{function.name}"
        for path in files()
        for function in source(path).functions
        if function.has_imports
    ]

    assert hidden == []


def test_few_files_make_http_requests() -> None:
    found = set()
    for path in files():
        for node in source(path).imports:
            origin = [f"{node.module}"] if isinstance(node, ast.ImportFrom) else []
            names = [each.name for each in node.names]
            if REACHES_OUT & {*origin, *names, *(f"{o}.{n}" for o in origin for n in names)}:
                found.add(name(path))

    assert [path for path in sorted(found) if not path.startswith(MAY_REACH_OUT)] == []
    assert [each for each in MAY_REACH_OUT if not any(p.startswith(each) for p in found)] == []


def test_what_bandit_is_told_to_pass_names_the_finding_and_has_its_reason() -> None:
    explained = re.compile(r"# nosec( B\d{3})+  # \w.{7,}")
    bare = [
        f"{name(path)}: {line.strip()}"
        for path in [*files(), *(ROOT / "deploy").glob("*.py")]
        for line in path.read_text().splitlines()
        if "# nosec" in line and not explained.search(line) and path != Path(__file__)
    ]

    assert bare == []


def test_no_test_sets_everybodys_clock() -> None:
    """A library that is imported meanwhile keeps it for good: `tests/fixtures/clocks.py`."""
    of_all = re.compile(r'setattr\(\s*([\w.]*\btime, "|"[\w.]*\btime\.)')
    tests = (ROOT / "tests").rglob("*.py")

    assert [name(path) for path in tests if of_all.search(path.read_text())] == []


def test_captured_transcripts_hold_no_secret_of_ours() -> None:
    """Stack passwords are 32 hexadecimal digits; keys and webhook secrets have their prefixes."""
    secret = re.compile(r"\b[0-9a-f]{32}\b|dv_live_sk_|whsec_|BEGIN [A-Z ]*PRIVATE KEY")
    texts = [path for path in (ROOT / "tests" / "transcripts").rglob("*") if path.is_file()]

    assert texts
    assert [name(path) for path in texts if secret.search(path.read_text())] == []


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_files_that_the_documents_name_are_there() -> None:
    there = {f"/{name(path)}" for path in [*files(), *ROOT.glob("*.py"), *ROOT.glob("deploy/*.py")]}
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]

    gone = {
        f"{name(document)}: {named}"
        for document in documents
        for named in re.findall(r"`((?:[a-z_0-9]+/)*[a-z_0-9]+\.py)`", document.read_text())
        if not any(path.endswith(f"/{named}") for path in there)
    }

    assert gone == set()
