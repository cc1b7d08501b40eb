"""Known vulnerabilities fail `make lint`, unless they are explained or nobody can be asked."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from orbit.dev import advisories

FOUND = {
    "name": "jinja2",
    "version": "2.4.1",
    "vulns": [{"id": "PYSEC-2019-217", "aliases": ["GHSA-462w-v97r-4m45"], "fix_versions": ["3"]}],
}
CLEAN = {"name": "django", "version": "5.2.19", "vulns": []}
SKIPPED = {"name": "ours", "skip_reason": "Dependency not found on PyPI"}


def test_nothing_found_passes() -> None:
    verdict = advisories.judge([CLEAN, SKIPPED], {})
    assert not verdict.failed
    assert verdict.lines == ["1 packages looked up", "not known there: ours"]


def test_a_finding_that_nobody_explained_fails() -> None:
    verdict = advisories.judge([CLEAN, FOUND], {})
    assert verdict.failed
    assert "jinja2 2.4.1: PYSEC-2019-217, fixed in 3" in verdict.lines


@pytest.mark.parametrize("name", ["PYSEC-2019-217", "GHSA-462w-v97r-4m45"])
def test_one_that_is_explained_is_listed_with_its_reason(name: str) -> None:
    verdict = advisories.judge([FOUND], {name: "we render no templates of others"})
    assert not verdict.failed
    assert verdict.lines[-1].endswith("PYSEC-2019-217 stays: we render no templates of others")


def test_a_source_that_knows_nothing_was_not_asked() -> None:
    """A mirror without advisories answers 404 to every question."""
    verdict = advisories.judge([SKIPPED], {})
    assert not verdict.failed
    assert "could not be asked" in verdict.lines[0]


@pytest.mark.parametrize(
    ("said", "failed"),
    [
        ("requests.exceptions.ConnectionError: pypi.org is not there", False),
        ("ValueError: something else is wrong", True),
    ],
)
def test_a_source_that_is_away_is_said_and_other_faults_fail(
    monkeypatch: pytest.MonkeyPatch, said: str, failed: bool
) -> None:
    ended = subprocess.CompletedProcess([], 1, stdout="", stderr=f"Traceback\n{said}\n")
    monkeypatch.setattr(subprocess, "run", lambda *command, **options: ended)
    verdict = advisories.audit(Path("anywhere"), {})
    assert verdict.failed is failed
    assert said in verdict.lines[0]


def test_one_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*command: object, **options: object) -> None:
        raise subprocess.TimeoutExpired("pip_audit", advisories.SECONDS)

    monkeypatch.setattr(subprocess, "run", never)
    assert "could not be asked" in advisories.audit(Path("anywhere"), {}).lines[0]
