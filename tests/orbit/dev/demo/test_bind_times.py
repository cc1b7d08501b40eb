"""From the POST to the bind, as Jasmin and as the API say it."""

from __future__ import annotations

import time
from collections.abc import Collection

import pytest

from orbit.dev.demo import bind_times
from orbit.dev.demo.bind_times import Posted, percentile, until_bound
from orbit.dev.demo.checks import Failed


class FakeHands:
    """Jasmin's list, a later one at each look."""

    def __init__(self, *looks: set[str], accounts: dict[str, str]) -> None:
        self._looks, self._accounts = list(looks), accounts

    def bound(self) -> set[str]:
        return self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]

    def accounts(self, cids: Collection[str]) -> dict[str, str]:
        return {self._accounts[cid]: cid for cid in cids}


class FakeApi:
    """A number of credentials that are bound at once, or never."""

    def __init__(self, *ids: str, bound: bool = True) -> None:
        self._rows = [
            {"id": each, "sync": {"state": "synced"}, "bind": {"state": "bound" if bound else "?"}}
            for each in ids
        ]

    def credential(self, credential_id: str) -> dict:
        return next(row for row in self._rows if row["id"] == credential_id)

    def credentials(self) -> list[dict]:
        return self._rows


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bind_times, "PAUSE", 0.001)


def posted(*names: str) -> list[Posted]:
    return [Posted(f"cred_{name}", name, time.perf_counter()) for name in names]


def test_each_gets_the_times_of_its_own_connector() -> None:
    hands = FakeHands(
        {"old", "ob1"}, {"old", "ob1", "ob2"}, accounts={"ob2": "a", "ob1": "b", "old": "a"}
    )
    a, b = until_bound(FakeApi("cred_a", "cred_b"), hands, posted("a", "b"), before={"old"})
    assert 0 < b.in_jasmin < a.in_jasmin
    assert a.in_api > 0


def test_one_that_the_api_never_calls_bound_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bind_times, "PATIENCE", 0.05)
    hands = FakeHands({"ob1"}, accounts={"ob1": "a"})
    with pytest.raises(Failed, match="of 1 credentials 1 are bound in Jasmin and 0 in the API"):
        until_bound(FakeApi("cred_a", bound=False), hands, posted("a"), before=set())


def test_percentiles_are_values_that_were_measured() -> None:
    twenty = [float(number) for number in range(20, 0, -1)]
    assert [percentile(twenty, share) for share in (0.5, 0.95, 1)] == [10, 19, 20]
    assert percentile([7.0], 0.95) == 7
