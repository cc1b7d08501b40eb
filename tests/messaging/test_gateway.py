"""What a process without a gateway is told."""

from __future__ import annotations

import pytest
from django.utils import timezone

from messaging import gateway


@pytest.fixture(autouse=True)
def _none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "_implementation", None)


def test_there_are_no_reports_to_wait_for():
    before = timezone.now()
    assert before <= gateway.reported_until() <= timezone.now()
    assert gateway.reports_behind() == {}
