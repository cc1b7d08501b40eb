"""Redis hears everything in the order in which it was said.

Jasmin's fault (redis/configs.py:30): ten connections take turns. Where the reports of a message go
(managers/clients.py:588) and, a moment later, the question where (managers/dlr.py:172) come over
two of them. A Redis that was busy for some milliseconds may hear the question first: then the
message has no reports, for ever. Seen on a busy machine, in two runs of thousands of messages.

The cure: one connection. Commands follow each other on it without waiting for their answers.
"""

from __future__ import annotations

import os


def correct() -> None:
    os.environ["REDIS_CLIENT_POOLSIZE"] = "1"
