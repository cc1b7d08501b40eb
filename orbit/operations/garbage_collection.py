"""The garbage collector of processes that run for long."""

from __future__ import annotations

import gc

THRESHOLD = 20_000  # objects that are made before the youngest are looked at; Python's is 700


def settle() -> None:
    """Call this once all is loaded.

    What is there by then stays until the process ends, and is not looked at again: walking all of
    Django's modules took a fifth of the time of a process that makes many objects. A batch makes
    fewer than the threshold allows, or not much more.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(THRESHOLD, *gc.get_threshold()[1:])
