"""Makes what both sides spell alike importable in Jasmin's environment; imported first.

`messaging.smpp.protocol` and `reconciler.gateway_api` are the project's and need nothing but
Python. Jasmin's environment has another `messaging` (python-messaging, for a codec): its package
gets our folder as a second place to look, so that each finds its own. Our modules are called by
their full names: those of this folder would stand before others.
"""

from __future__ import annotations

import sys
from pathlib import Path

import messaging

ROOT = Path(__file__).resolve().parents[2]
HERE = str(Path(__file__).resolve().parent)

sys.path[:] = [*(each for each in sys.path if each != HERE), str(ROOT)]
if (folder := str(ROOT / "messaging")) not in messaging.__path__:
    messaging.__path__.append(folder)
