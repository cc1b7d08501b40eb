"""gunicorn's configuration of a process that gives way (`--config python:…`): the Procfile's
`uploads`, which reads long bodies.

What nice and autogroups do: sched(7).
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

# A tenth of the weight of the others. With less of it (19, SCHED_IDLE) a list of 100,000 recipients
# would not end within the 120 seconds of nginx while the others use all of the machine.
NICE = 10
_AUTOGROUP = Path("/proc/self/autogroup")


def on_starting(server: Any) -> None:
    """gunicorn calls it before it starts its workers, which inherit what is set here."""
    # A kernel that refuses (a container's may) is no fault: it goes on as the others do.
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, max(NICE, os.getpriority(os.PRIO_PROCESS, 0)))
    # With autogroups the kernel weighs sessions against each other, and nice counts only within a
    # session. A session that a shell or supervisord leads is left alone: its other processes would
    # be slowed down, too.
    if os.getsid(0) == os.getpid():
        with suppress(OSError):
            _AUTOGROUP.write_text(str(NICE))
