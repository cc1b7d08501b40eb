"""A carrier that takes binds and submits and then says nothing, as behind a link that is dead."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fixtures.raw_smsc import SILENCE, RawSmsc
from tests.fixtures.raw_smsc.octets import Seen
from tests.fixtures.raw_smsc.session import Step
from tests.reconciler.launcher.lane.conftest import until
from tests.reconciler.launcher.lane.several_binds import wait_until_bound

WINDOW, MESSAGES = 6, 18
SUBMIT_IS_FIRST = {"response_timeout": 1, "enquire_link_interval": 60}
ENQUIRE_LINK_IS_FIRST = {"response_timeout": 1, "enquire_link_interval": 0.6}


class SilentSmsc(RawSmsc):
    """Says nothing any more on its first `silent` sessions."""

    silent = 0

    def answer_to(self, asked: Seen) -> Step:
        return SILENCE if asked.session <= self.silent else super().answer_to(asked)


@pytest.fixture
def carrier() -> Iterator[SilentSmsc]:
    with SilentSmsc() as carrier:
        yield carrier


def lost(carrier: SilentSmsc) -> list[Seen]:
    return [each for each in carrier.submits if each.session <= carrier.silent]


@pytest.mark.parametrize("times", [SUBMIT_IS_FIRST, ENQUIRE_LINK_IS_FIRST])
@pytest.mark.parametrize(("binds", "silent"), [(1, 1), (3, 3), (3, 2)])
def test_silent_binds_take_one_window_with_them(several, carrier, binds, silent, times) -> None:
    program = several(port=carrier.port, binds=binds, window=WINDOW, refusal_delay=0.1, **times)
    wait_until_bound(program, carrier, binds)
    carrier.silent = silent

    program.submit(*(program.message(str(number)) for number in range(MESSAGES)))
    records = program.wait_for_records(MESSAGES, "answer", "no_answer")
    until(lambda: all(each.number > silent for each in carrier.bound))
    wait_until_bound(program, carrier, binds)

    assert len(lost(carrier)) <= WINDOW * silent // binds
    assert len(carrier.submits) == len({each["token"] for each in records}) == MESSAGES
