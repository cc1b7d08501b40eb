"""How faults are written and when they strike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbit.dev.simulator.fault_kinds import KINDS
from orbit.dev.simulator.faults import Fault, FaultError, FaultScript


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("wrong-password", Fault("wrong-password", "", "bind")),
        ("bind-fail", Fault("bind-fail", "ESME_RBINDFAIL", "bind")),
        ("bind-fail:0x53", Fault("bind-fail", "ESME_RINVSYSTYP", "bind")),
        ("already-bound:3", Fault("already-bound", "3", "bind")),
        ("throttled:every=3", Fault("throttled", "", "submit", every=3)),
        ("throttled:on=bind:first=2", Fault("throttled", "", "bind", first=2)),
        ("refuse:11", Fault("refuse", "ESME_RINVDSTADR", "submit")),
        ("refuse:esme_rinvdstadr:first=2", Fault("refuse", "ESME_RINVDSTADR", "submit", first=2)),
        ("slow:0.5", Fault("slow", "0.5", "all")),
        ("receipt:undeliv", Fault("receipt", "UNDELIV", "submit")),
    ],
)
def test_a_fault_is_read(text, fault):
    assert Fault.parse(text) == fault
    assert Fault.parse(str(fault)) == fault


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "unknown fault"),
        ("explode", "wrong-password"),
        ("slow", "seconds"),
        ("slow:x", "seconds"),
        ("slow:-1", "seconds"),
        ("slow:inf", "seconds"),
        ("slow:nan", "seconds"),
        ("slow:1:2", "takes seconds"),
        ("no-receipt:1", "takes no value"),
        ("refuse", "status"),
        ("refuse:ESME_ROK", "status"),
        ("refuse:0", "status"),
        ("refuse:0x1FFFFFFFF", "status"),
        ("refuse:ESME_NOPE", "status"),
        ("receipt:GONE", "state"),
        ("already-bound:-1", "count"),
        ("throttled:on=receipt", "strikes on submit or bind"),
        ("wrong-password:on=submit", "strikes on bind"),
        ("throttled:first=0", "from 1 up"),
        ("throttled:every=x", "from 1 up"),
        ("throttled:twice=2", "no option 'twice'"),
    ],
)
def test_what_is_no_fault_is_refused_with_what_to_write(text, said):
    with pytest.raises(FaultError, match=said):
        Fault.parse(text)


def strikes(script: FaultScript, name: str, on: str, times: int) -> list[bool]:
    return [script.strikes(name, on) is not None for _ in range(times)]


def test_a_fault_strikes_the_first_ones_only():
    script = FaultScript(["throttled:first=2"])
    assert strikes(script, "throttled", "submit", 4) == [True, True, False, False]


def test_a_fault_strikes_every_nth():
    script = FaultScript(["throttled:every=3"])
    assert strikes(script, "throttled", "submit", 7) == [False, False, True] * 2 + [False]


def test_a_fault_strikes_where_it_is_meant_to():
    script = FaultScript(["throttled:on=bind", "slow:1"])
    assert script.strikes("throttled", "submit") is None
    assert script.strikes("throttled", "bind")
    assert script.strikes("slow", "submit")
    assert script.strikes("slow", "bind")
    assert script.strikes("blackhole", "bind") is None


@given(st.text(max_size=40) | st.sampled_from(list(KINDS)).map(lambda name: name + ":x=1"))
def test_any_text_is_a_fault_or_an_error(text):
    try:
        fault = Fault.parse(text)
    except FaultError:
        return
    assert Fault.parse(str(fault)) == fault
