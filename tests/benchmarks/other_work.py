"""Work that has nothing to do with the site: `python other_work.py SHARE`, of one core (0 to 1).

In pieces of the length of a request, at any moments.
"""

from __future__ import annotations

import random
import sys
import time

PIECE = 0.008  # seconds of processor time


def main(share: float) -> None:
    pause = PIECE * (1 - share) / share
    while True:
        until = time.thread_time() + PIECE
        while time.thread_time() < until:
            pass
        time.sleep(random.expovariate(1 / pause))


if __name__ == "__main__":
    main(float(sys.argv[1]))
