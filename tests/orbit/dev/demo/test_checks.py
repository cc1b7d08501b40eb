"""A promise that is not kept is a failure that says so."""

from __future__ import annotations

import pytest

from orbit.dev.demo import checks
from orbit.dev.demo.checks import Failed, check, wait_for


def test_what_holds_passes_and_what_does_not_fails_with_its_reason() -> None:
    check([1], "not reached")
    with pytest.raises(Failed, match="^the bind has gone$"):
        check([], "the bind has gone")


def test_waiting_ends_with_what_was_seen_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "PAUSE", 0)
    seen = iter(["binding", "binding", "bound", "unbound"])
    assert wait_for(lambda: next(seen), lambda state: state == "bound", "the bind") == "bound"


def test_what_never_comes_is_named() -> None:
    with pytest.raises(Failed, match="^the bind: not within 0 s$"):
        wait_for(lambda: "binding", lambda state: state == "bound", "the bind", timeout=0)
