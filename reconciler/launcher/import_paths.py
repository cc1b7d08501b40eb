"""Makes the project's own modules importable in Jasmin's environment; imported before all others.

- `messaging.smpp.protocol` and `reconciler.gateway_api`, which need nothing but Python: Jasmin's
  environment has another `messaging` (python-messaging, for a codec), so our folder is added to
  that package's path.
- `reconciler.launcher.…`: this folder is taken from `sys.path`, where its files could hide modules
  of the same name.
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
