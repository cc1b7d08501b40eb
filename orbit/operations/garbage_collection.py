"""Python's garbage collector in long-running processes."""

from __future__ import annotations

import gc

THRESHOLD = 20_000  # new objects before a collection of the youngest; Python's default is 700


def freeze() -> None:
    """Take everything loaded so far out of garbage collection. Call it once all is loaded.

    Walking all of Django's modules took a fifth of the time of a process that makes many objects.
    A batch makes about as many objects as the threshold allows.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(THRESHOLD, *gc.get_threshold()[1:])
