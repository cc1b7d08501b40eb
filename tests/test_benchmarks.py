"""The benchmarks in short: that they run and print their table. What they measure: `make bench`."""

from __future__ import annotations

import pytest

from tests.benchmarks import large_rows
from tests.benchmarks import test_idle_pass as idle_pass
from tests.benchmarks import test_many_credentials as many_credentials
from tests.benchmarks import test_stages as stages_in_process
from tests.benchmarks import test_tables as tables
from tests.benchmarks.conftest import carrier, gateway
from tests.benchmarks.road import sizes
from tests.benchmarks.test_stages import stages

__all__ = ["carrier", "gateway", "stages"]  # fixtures

pytestmark = pytest.mark.stack


def test_an_idle_pass_over_few_credentials_is_measured(gateway, carrier, monkeypatch, capsys):
    monkeypatch.setattr(idle_pass, "AIMS", {3: 1.0})
    monkeypatch.setattr(idle_pass, "ROUNDS", 1)

    idle_pass.test_idle_pass(gateway, carrier)

    printed = capsys.readouterr().out
    assert "3 credentials, nothing to do, median of 1" in printed
    assert "waiting for Jasmin's console" in printed


def test_few_credentials_under_load_are_measured(
    gateway, jasmin, carrier, stack, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(many_credentials, "SIZES", [8])
    monkeypatch.setattr(many_credentials, "RATE", 20)

    many_credentials.test_many_credentials(gateway, jasmin, carrier, stack, tmp_path)

    printed = capsys.readouterr().out
    assert "20 messages/s" in printed
    assert "where an idle pass's time goes: " in printed


def test_questions_to_few_rows_are_planned(transactional_db, settings, capsys, monkeypatch):
    """So that one that no longer works is found without a million rows; the console's lists have
    tests of their own."""
    monkeypatch.setattr(tables.query_plans, "TIMES", 1)
    monkeypatch.delitem(tables.GROUPS, "Console")
    site = tables.fill(2000, 30)
    try:
        answers = tables.asked(site, settings)
    finally:
        large_rows.truncate(tables.LARGE)

    assert {"first page", "/metrics", "waiting"} <= {answer.name for answer in answers}
    assert "message_to_a_number" in capsys.readouterr().out


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(sizes, "ROUNDS", 1)
    monkeypatch.setattr(sizes, "POSTS", 1)


def test_the_stages_of_a_message_are_measured(few, stages, capsys):
    stages_in_process.test_stages(stages)

    printed = capsys.readouterr().out
    for stage in ("feed", "claim", "settle", "page of answers", "page of receipts", "POST of one"):
        assert f"\n  {stage} " in printed
