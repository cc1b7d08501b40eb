"""What our processes import has to come with requirements.txt, not with a tool of developers."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib.metadata import distribution, packages_distributions
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
OURS = ("orbit", "messaging", "reconciler")
# Loaded by its name, from REDIS_URL: no import of ours leads to it.
LOADED_BY_NAME = ("kombu.transport.redis", "kombu.transport.virtual.base")
# No file of ours imports these: the Procfile runs gunicorn, deploy/site.sh runs honcho, settings
# name whitenoise, kombu imports packaging, Authlib imports requests.
NOT_IMPORTED = {"gunicorn", "honcho", "packaging", "requests", "whitenoise"}


def pins() -> list[Requirement]:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return [Requirement(pin) for line in lines if (pin := line.partition("#")[0].strip())]


def modules(path: Path) -> Iterator[str]:
    """Top-level names of what a file imports when it is loaded; a `try` may do without."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            yield from (each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def needed(files: list[Path]) -> dict[str, set[str]]:
    """Distribution → the files that import it."""
    known = packages_distributions()
    found: dict[str, set[str]] = {}
    for path in files:
        for module in modules(path):
            if module not in sys.stdlib_module_names and module not in OURS:
                for name in known.get(module, [module]):
                    found.setdefault(canonicalize_name(name), set()).add(str(path))
    return found


def brought_along(requirements: list[Requirement]) -> set[str]:
    """Distributions that these bring: themselves, and what they ask for in their turn."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = list(requirements)
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        found.add(name)
        if str(requirement) in seen:
            continue
        seen.add(str(requirement))
        for line in distribution(name).requires or []:
            asked = Requirement(line)
            extras = {"", *requirement.extras}
            if asked.marker is None or any(asked.marker.evaluate({"extra": e}) for e in extras):
                waiting.append(asked)
    return found


def our_files() -> list[Path]:
    return [
        path
        for folder in OURS
        for path in (ROOT / folder).rglob("*.py")
        if "launcher" not in path.parts  # runs in Jasmin's environment, with pins of its own
    ]


def test_each_import_of_ours_is_covered_by_a_pin() -> None:
    files = our_files()
    pinned = {canonicalize_name(pin.name) for pin in pins()}

    assert len(files) > 100
    assert {name: where for name, where in needed(files).items() if name not in pinned} == {}


def test_each_requirement_is_used() -> None:
    pinned = {canonicalize_name(pin.name) for pin in pins()}

    assert pinned - set(needed(our_files())) == NOT_IMPORTED


def test_each_requirement_is_pinned_to_one_version() -> None:
    assert [str(pin) for pin in pins() if [each.operator for each in pin.specifier] != ["=="]] == []


def test_what_is_loaded_by_its_name_comes_with_the_pins() -> None:
    files = [Path(find_spec(name).origin) for name in LOADED_BY_NAME]

    needs = needed(files)

    assert "packaging" in needs
    assert set(needs) - brought_along(pins()) == set()
