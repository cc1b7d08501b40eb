"""The operator's own command that starts a gateway's process again."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from typing import IO

from django.conf import settings

from reconciler.models import Gateway

SHOWN = 400  # octets of what it printed last


class RestartFailed(Exception):
    """The command could not be run, or failed; `str()` says how."""


def words(command: str, gateway: Gateway) -> list[str]:
    """The command's words, without a shell: `{name}` and `{host}` (of its console) in them are the
    gateway's. Raises RestartFailed for a command that can't be read."""
    try:
        found = shlex.split(command)
    except ValueError as error:
        raise RestartFailed(f"the restart command can't be read: {error}") from None
    if not found:
        raise RestartFailed("the restart command is empty")
    named = {"{name}": gateway.name, "{host}": gateway.jcli_host}
    for mark, value in named.items():
        found = [word.replace(mark, value) for word in found]
    return found


def run(command: str, gateway: Gateway) -> None:
    """Run the command and wait for its end. Raises RestartFailed.

    It prints into a file. A daemon that the command has started would keep a pipe open, and this
    would wait for the daemon's end.
    """
    program = words(command, gateway)
    timeout = settings.GATEWAY_RESTART_TIMEOUT
    with tempfile.TemporaryFile() as printed:
        try:
            done = subprocess.run(  # nosec B603  # no shell; the operator's own command
                program,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                timeout=timeout,
                check=False,
                env=_environment(gateway),
            )
        except subprocess.TimeoutExpired:
            raise RestartFailed(f"the restart command took over {timeout} s") from None
        except (OSError, ValueError) as error:
            raise RestartFailed(f"the restart command can't be run: {error}") from None
        if done.returncode:
            said = _end(printed)
            raise RestartFailed(f"the restart command ended with status {done.returncode}: {said}")


def _end(printed: IO[bytes]) -> str:
    printed.seek(max(0, printed.seek(0, os.SEEK_END) - SHOWN))
    return printed.read(SHOWN).decode(errors="replace").strip()


def _environment(gateway: Gateway) -> dict[str, str]:
    """Of ours what finds programs and people's files: no keys of the site."""
    kept = ("PATH", "HOME", "LANG", "USER", "LOGNAME", "SSH_AUTH_SOCK", "XDG_RUNTIME_DIR")
    ours = {name: os.environ[name] for name in kept if name in os.environ}
    return ours | {"ORBIT_GATEWAY": gateway.name, "ORBIT_GATEWAY_HOST": gateway.jcli_host}
