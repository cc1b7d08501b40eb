"""An SMSC to test against: SMPP 3.4, several accounts on one port, faults by script.

`manage.py smsc_simulator` runs it as the customers' sandbox, `SimulatorThread` inside a test.
Read in this order: `faults` (what can go wrong), `systems` (an account and its counts), `session`
(one connection), `receipts`, `server`, `control` (changing all this while it runs).
"""

from __future__ import annotations

from orbit.dev.simulator.faults import Fault, FaultError
from orbit.dev.simulator.server import Simulator
from orbit.dev.simulator.submits import Submit
from orbit.dev.simulator.systems import System
from orbit.dev.simulator.thread import SimulatorThread

__all__ = ["Fault", "FaultError", "Simulator", "SimulatorThread", "Submit", "System"]
