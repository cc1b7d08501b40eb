"""What Redis answers is read as it comes.

Jasmin's fault (txredisapi.py:187): each part of an answer waits for a turn of the reactor of its
own, and on the same connection all that follows waits with it. Where a message's reports go is an
answer of twelve parts. A busy reactor's turns are long: reports fall behind, and wait until there
is less to submit. A message through everything was measured to take a third more CPU.

The cure: hiredis, the parser of Redis's makers. txredisapi takes it where it is installed; with it,
each answer means what it meant before. Stock Jasmin, which comes without, does not see it.
"""

from __future__ import annotations

import importlib
import sys

PARSER = "hiredis"


def correct() -> None:
    importlib.import_module(PARSER)  # else everything would only be slower, and nobody know why


def leave_out() -> None:
    """Call it before Jasmin is loaded."""
    sys.modules[PARSER] = None  # what `import` takes for "not installed"
