"""Starts an unmodified jasmind, with what has to be corrected in it corrected at run time.

Run by path with the Python of Jasmin's own environment, with jasmind's own options:
`python run.py --enable-dlr-lookup --enable-dlr-thrower`. Nothing here is imported by Django.

Each correction is a module beside this one that says what is wrong, where in Jasmin, and what the
cure is; its `correct()` changes the loaded classes, never a file. `--stock` starts Jasmin without
them, but for the lock: two Jasmins in one folder would be nobody's wish.
"""

from __future__ import annotations

import importlib
import os
import runpy
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# What the corrections were written against. Others may have moved what they take hold of.
KNOWN = {
    "jasmin": "0.11.0",
    "smpp.pdu3": "0.6",
    "smpp.twisted3": "0.8",
    "Twisted": "23.10.0",
    "txAMQP3": "0.9.4",
    "hiredis": "3.5.0",
}
CORRECTIONS = (
    "private",
    "store",
    "broker_loss",
    "listeners",
    "nodelay",
    "write_through",
    "one_redis",
    "replies",
    "stale_listeners",
    "keys",
    "at_most_once",
    "window",
    "lanes",
    "patience",
    "together",
    "answered_ids",
    "addresses",
    "parts",
    "outages",
    "admission",
    "readiness",
)
STOCK = "--stock"
REFUSED = 78  # EX_CONFIG of sysexits.h: another start would end in the same way


def strangers() -> str:
    """Installed versions that the corrections do not know; "" if there are none."""
    return ", ".join(
        f"{name} {found} (known: {known})"
        for name, known in KNOWN.items()
        if (found := _version(name)) != known
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "is missing"


def main() -> None:
    os.umask(0o077)  # its store and its logs hold passwords
    corrections = () if STOCK in sys.argv else CORRECTIONS
    if corrections and (unknown := strangers()):
        print(f"not started: {unknown}; {STOCK} runs it without corrections", file=sys.stderr)
        sys.exit(REFUSED)
    if not corrections:
        importlib.import_module("replies").leave_out()
    for name in ("lock", *corrections):
        importlib.import_module(name).correct()  # none of Jasmin is loaded before it is known
    if corrections:
        importlib.import_module("greeting").correct(corrections)
    jasmind = Path(sys.executable).with_name("jasmind.py")
    sys.argv = [str(jasmind), *(option for option in sys.argv[1:] if option != STOCK)]
    runpy.run_path(str(jasmind), run_name="__main__")
    if corrections:
        sys.exit(importlib.import_module("ending").status())


if __name__ == "__main__":
    main()
