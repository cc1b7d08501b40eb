"""The threat model names, for each attacker, tests that exist and what is left."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs" / "threat-model.md").read_text()
ATTACKERS = dict(re.findall(r"^## (.+)\n((?:(?!## ).*\n)+)", TEXT, re.MULTILINE))


def test_it_has_all_attackers() -> None:
    said = " ".join(ATTACKERS).lower()
    for who in (
        "stranger", "tenant", "stolen key", "carrier", "webhook", "gateway", "operator", "thief",
        "dependency",
    ):  # fmt: skip
        assert who in said


@pytest.mark.parametrize("who", ATTACKERS)
def test_each_attack_has_a_test_that_exists(who: str) -> None:
    rows = re.findall(r"^\| (?!tries )[^-].*\|$", ATTACKERS[who], re.MULTILINE)
    assert rows
    for row in rows:
        paths = re.findall(r"`(tests/[^`]+)`", row)
        assert paths, row
        for path in paths:
            assert "def test_" in (ROOT / path).read_text(), path


@pytest.mark.parametrize("who", ATTACKERS)
def test_what_is_left_is_said(who: str) -> None:
    assert re.search(r"^Left: ", ATTACKERS[who], re.MULTILINE)


def test_it_is_two_pages() -> None:
    assert len(TEXT.split()) < 1300


@pytest.mark.parametrize("name", ["README.md", "docs/operations.md"])
def test_it_is_found_from_where_operators_read(name: str) -> None:
    assert "threat-model.md" in (ROOT / name).read_text()
