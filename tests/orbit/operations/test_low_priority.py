"""A process that gives way, and one that may not change its priority."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orbit.operations.low_priority import NICE

AUTOGROUP = Path("/proc/self/autogroup")
CALL = """
import os
from orbit.operations import low_priority
low_priority.on_starting(None)
print(os.getpriority(os.PRIO_PROCESS, 0))
"""
GROUP = "print(low_priority._AUTOGROUP.read_text().split()[-1])"
REFUSING = """
import os
from pathlib import Path
from orbit.operations import low_priority
def refuse(*_):
    raise PermissionError
os.setpriority = refuse
low_priority._AUTOGROUP = Path("/proc/version")
"""


def run(code: str, *, own_session: bool = False) -> list[int]:
    """The numbers that a child prints: it calls the hook, since there is no way back."""
    child = [sys.executable, "-c", code]
    done = subprocess.run(child, start_new_session=own_session, check=True, capture_output=True)
    return [int(value) for value in done.stdout.split()]


def test_it_lowers_itself_alone() -> None:
    ours = os.getpriority(os.PRIO_PROCESS, 0)

    assert run(CALL) == [max(NICE, ours)]
    assert os.getpriority(os.PRIO_PROCESS, 0) == ours


@pytest.mark.skipif(
    not (AUTOGROUP.exists() and AUTOGROUP.read_text().strip()),
    reason="the kernel weighs no sessions",
)
def test_it_lowers_the_session_that_it_leads_and_no_other() -> None:
    ours = int(AUTOGROUP.read_text().split()[-1])

    assert run(CALL + GROUP)[1] == ours
    assert run(CALL + GROUP, own_session=True)[1] == NICE
    assert int(AUTOGROUP.read_text().split()[-1]) == ours


def test_a_kernel_that_refuses_is_no_fault() -> None:
    assert run(REFUSING + CALL, own_session=True) == [os.getpriority(os.PRIO_PROCESS, 0)]
