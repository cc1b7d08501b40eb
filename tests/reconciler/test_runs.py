"""Passes and diagnoses that make a run."""

from __future__ import annotations

import pytest

from reconciler import bind_diagnosis, runs
from reconciler.models import Gateway, Placement
from reconciler.result import Ending, Result
from tests.factories import make_organization


class Script:
    """Stands in for passes and diagnoses; `order` is what was called."""

    def __init__(self) -> None:
        self.order: list[object] = []
        self.results: list[Result] = []
        self.act = False

    def reconcile(self, gateway: Gateway, **options: object) -> Result:
        self.order.append(options)
        return self.results.pop(0)

    def diagnose(self, gateway: Gateway, **options: object) -> bool:
        self.order.append("diagnose")
        return self.act


@pytest.fixture
def script(monkeypatch) -> Script:
    script = Script()
    monkeypatch.setattr(runs, "reconcile", script.reconcile)
    monkeypatch.setattr(bind_diagnosis, "diagnose", script.diagnose)
    return script


def result(ending: Ending, **fields: object) -> Result:
    return Result(ending, "modelled", **fields)


def test_a_run_with_nothing_to_ask_is_one_pass(modelled, script):
    script.results = [first := result(Ending.IN_SYNC)]

    assert runs.run(modelled, trigger="beat", wait=3.0) is first
    (options, asked) = script.order
    assert (options["trigger"], options["wait"], asked) == ("beat", 3.0, "diagnose")


@pytest.mark.parametrize("ending", [Ending.DOWN, Ending.BUSY, Ending.UNSAFE])
def test_a_pass_that_did_not_run_asks_no_carrier(modelled, script, ending):
    script.results = [result(ending)]

    assert runs.run(modelled, trigger="beat").ending is ending
    assert "diagnose" not in script.order


def test_answers_to_act_on_are_a_second_pass_in_the_same_scope_without_force(modelled, script):
    script.act = True
    script.results = [result(Ending.IN_SYNC), second := result(Ending.APPLIED)]

    got = runs.run(modelled, organization_id="org_1", trigger="push", force=True)

    assert got == second
    first, _, again = script.order
    assert (first["force"], again.get("force", False)) == (True, False)
    assert again["organization_id"] == first["organization_id"] == "org_1"


def test_what_was_asked_for_is_reported_although_a_second_pass_followed(modelled, script):
    script.results = [first := result(Ending.APPLIED, again=True), result(Ending.APPLIED)]

    assert runs.run(modelled, trigger="command") == first
    assert len(script.order) >= 2


def test_a_run_of_two_passes_has_kept_others_waiting_for_both(modelled, script):
    script.results = [
        result(Ending.APPLIED, again=True, held=2.0),
        result(Ending.APPLIED, held=1.0),
    ]

    assert runs.run(modelled, trigger="command").held == 3.0


@pytest.mark.parametrize("ending", [Ending.FAILED, Ending.DOWN, Ending.UNSAFE])
def test_a_second_pass_that_went_wrong_is_reported(modelled, script, ending):
    script.results = [result(Ending.APPLIED, again=True), second := result(ending)]

    assert runs.run(modelled, trigger="command") == second


def test_those_without_a_place_get_one_first(modelled, script):
    organization = make_organization()
    script.results = [result(Ending.IN_SYNC)]

    runs.run(modelled, trigger="beat")

    assert Placement.objects.get(organization=organization).gateway == modelled
