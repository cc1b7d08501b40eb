"""An SMSC to test against: SMPP 3.4, several accounts on one port, scripted faults.

`manage.py smsc_simulator` runs it as a process, `SimulatorThread` inside a test. Read in this
order: `faults` and `fault_kinds` (what can go wrong), `systems` (an account and its counts),
`carrier` (all accounts), `delivery_queue` (receipts and inbound texts), `session` (one connection),
`server` (the ports), `control` (changes while it runs; `control_page` is its page for people, on
which `phones` write texts).
"""

from __future__ import annotations

from orbit.dev.simulator.faults import Fault, FaultError
from orbit.dev.simulator.server import Simulator
from orbit.dev.simulator.submits import Submit
from orbit.dev.simulator.systems import System
from orbit.dev.simulator.thread import SimulatorThread

__all__ = ["Fault", "FaultError", "Simulator", "SimulatorThread", "Submit", "System"]
