"""An SMSC to test against: SMPP 3.4, several accounts on one port, faults by script.

`manage.py smsc_simulator` runs it as the customers' sandbox, `SimulatorThread` inside a test.
Read in this order: `faults` (what can go wrong), `systems` (an account and its counts), `session`
(one connection), `receipts`, `server`, `control` (changing all this while it runs).
"""

from __future__ import annotations

from messaging.smpp.simulator.faults import Fault, FaultError
from messaging.smpp.simulator.server import Simulator
from messaging.smpp.simulator.submits import Submit
from messaging.smpp.simulator.systems import System
from messaging.smpp.simulator.thread import SimulatorThread

__all__ = ["Fault", "FaultError", "Simulator", "SimulatorThread", "Submit", "System"]
