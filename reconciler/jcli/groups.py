"""Groups in the console: `#gid`, a disabled one `#!gid`. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.jcli.commands import Command, check_identifier, session
from reconciler.jcli.tables import rows

LIST = "group -l"


def read(reply: Sequence[str]) -> dict[str, bool]:
    """Return gid → enabled."""
    found = [row.strip() for row in rows(reply, header="Group id")]
    return {gid.removeprefix("!"): not gid.startswith("!") for gid in found}


def add(gid: str) -> Command:
    check_identifier("gid", gid)
    return Command(session("group -a", [("gid", gid)]), f"Successfully added Group [{gid}]")


def enable(gid: str) -> Command:
    check_identifier("gid", gid)
    return Command((f"group -e {gid}",), f"Successfully enabled Group id:{gid}")


def remove(gid: str) -> Command:
    """Jasmin removes the group's users with it."""
    check_identifier("gid", gid)
    return Command(
        (f"group -r {gid}",), f"Successfully removed Group id:{gid}", (f"Unknown Group: {gid}",)
    )
