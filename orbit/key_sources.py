"""Where the settings come from: variables, files and commands.

Beside `NAME` in the environment, `NAME_FILE` names a file (a mounted secret), `NAME_COMMAND` a
command that prints the value (a vault's client), and systemd's credentials are taken by their name
(`LoadCredential=NAME:…`). What a file or command says stays in this process: it is not in the
environment, which children and /proc show.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

COMMAND_TIMEOUT = 30  # seconds: a vault that is away must not hold up a start for ever


class KeySources(FileAwareMapping):
    """`FileAwareMapping` of django-environ, which reads `NAME_FILE`, with the two others."""

    def __getitem__(self, key: str) -> str:
        if key not in self.files_cache:
            value = self._found(key)
            if value is None:
                return self.env[key]
            self.files_cache[key] = value
        return self.files_cache[key]

    def _found(self, key: str) -> str | None:
        file, command = self.env.get(f"{key}_FILE"), self.env.get(f"{key}_COMMAND")
        if file and command:
            raise ImproperlyConfigured(f"Set {key}_FILE or {key}_COMMAND, not both")
        if file:
            return _content(f"{key}_FILE", Path(file))
        if command:
            return _output(f"{key}_COMMAND", command)
        folder = self.env.get("CREDENTIALS_DIRECTORY")  # systemd's
        if folder and (credential := Path(folder) / key).is_file():
            return _content(f"credential {key}", credential)
        return None


class Env(environ.Env):
    ENVIRON = KeySources(os.environ)


def _content(name: str, path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ImproperlyConfigured(f"{name}: {path} can't be read: {why}") from None


def _output(name: str, command: str) -> str:
    """What the command prints; errors show neither its words nor its output: both may be secret."""
    try:
        done = subprocess.run(  # nosec B603  # no shell; the operator's own command
            shlex.split(command),
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ImproperlyConfigured(f"{name} took over {COMMAND_TIMEOUT} s") from None
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"{name} can't be run: {type(error).__name__}") from None
    if done.returncode or not done.stdout.strip():
        raise ImproperlyConfigured(
            f"{name} ended with status {done.returncode}"
            + ("" if done.stdout.strip() else " and printed nothing")
        )
    return done.stdout.strip()
