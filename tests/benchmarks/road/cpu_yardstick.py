"""How fast the machine is at the moment: a shared cache makes the same work cost more CPU time.

To compare two runs, divide their times by it.
"""

from __future__ import annotations

import hashlib
import json
import time

_WORK = {f"key {n}": [n, str(n), {"at": f"2026-01-01T00:00:{n:02}Z"}] for n in range(60)}
_TIMES = 20


def yardstick() -> float:
    """Milliseconds of CPU that a fixed piece of Python takes: some 3 on a machine of 2024."""
    began = time.thread_time()
    for _ in range(_TIMES):
        text = json.dumps(_WORK)
        hashlib.sha256(text.encode()).hexdigest()
        sorted(json.loads(text).items(), key=str)
    return (time.thread_time() - began) * 1000
