from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.orbit.api.probe import ProbeView


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable], None]:
    """Say what POST /v1/probe does: `probe(lambda view: …)`; `before=` runs in `prepare`."""

    def install(behave: Callable[[Any], Any], before: Callable[[Any], Any] | None = None) -> None:
        monkeypatch.setattr(ProbeView, "behave", staticmethod(behave))
        if before:
            monkeypatch.setattr(ProbeView, "before", staticmethod(before))

    return install
