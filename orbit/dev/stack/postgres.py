"""A private PostgreSQL with one database."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import tempfile
from pathlib import Path

from orbit.dev.stack.errors import StackError
from orbit.dev.stack.files import PATH, make_folder, write_private
from orbit.dev.stack.processes import Process, poll
from orbit.dev.stack.server import Server

NAME = "orbit"  # of the database and of its owner
ACCOUNT = "postgres"  # Debian's account; initdb and postgres refuse to run as root
_PATIENCE = 180  # seconds for one of PostgreSQL's programs: initdb takes long on a busy machine
# A crash may lose data: for tests only.
FAST = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]


class Postgres(Server):
    """PostgreSQL with the C locale, UTF-8, SCRAM passwords, TCP on loopback and no Unix socket.

    `fast`: a crash may lose data.
    """

    def __init__(self, *args, port: int, password: str, fast: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.host, self.port, self._password, self._fast = "127.0.0.1", port, password, fast
        self._user = ACCOUNT if os.geteuid() == 0 else None

    @property
    def url(self) -> str:
        return f"postgres://{NAME}:{self._password}@{self.host}:{self.port}/{NAME}"

    def start(self, timeout: float = 60) -> None:
        super().start(timeout)
        if self._run("psql", "-c", "", NAME) != 0 and self._run("createdb", NAME) != 0:
            raise StackError(f"createdb failed: {self._last_words()}")

    def _spawn(self) -> Process:
        data = self._data()
        command = [
            _program("postgres"), "-D", data, "-p", str(self.port),
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
            "-c", "max_connections=400",
            # A statement that fails is not logged with its values, which may be personal.
            "-c", "log_min_error_statement=panic", "-c", "log_error_verbosity=terse",
            *(FAST if self._fast else []),
        ]  # fmt: skip
        return self._guard.spawn(
            command,
            env={"PATH": PATH},
            cwd=data,
            log=self._log,
            user=self._user,
            stop=signal.SIGQUIT if self._fast else signal.SIGINT,
            death=signal.SIGQUIT,  # SIGKILL would leave its shared memory behind
        )

    def _is_ready(self) -> bool:
        return self._run("pg_isready", "-q") == 0

    def _data(self) -> Path:
        """The data folder; makes it if there is none. Raises StackError."""
        folder = self._reachable_folder()
        data = folder / "data"
        if data.exists():
            return data
        draft, password = folder / "data.new", folder / "password"
        shutil.rmtree(draft, ignore_errors=True)
        write_private(password, self._password)
        if self._user:
            shutil.chown(password, self._user)
        try:
            status = self._run(
                "initdb", "-D", str(draft), "-U", NAME, "--locale=C", "--encoding=UTF8",
                "--auth=scram-sha-256", f"--pwfile={password}", "--no-sync",
            )  # fmt: skip
        finally:
            password.unlink()
        if status != 0:
            raise StackError(f"initdb failed: {self._last_words()}")
        return draft.rename(data)

    def _reachable_folder(self) -> Path:
        """Our folder, or a temporary one when ACCOUNT can't reach ours. Raises StackError.

        The stack removes the temporary one at its end.
        """
        folder = make_folder(self._folder)
        if self._user is None:
            return folder
        if _is_missing(self._user):
            raise StackError(f"no account {self._user!r}: run `make setup`, or do not run as root")
        shutil.chown(folder, self._user, self._user)
        if self._run("/usr/bin/test", "-x", str(folder), cwd=Path("/")) == 0:
            return folder
        temporary = Path(tempfile.mkdtemp(prefix="orbit-postgres-"))
        self._guard.remove_at_end(temporary)
        shutil.chown(temporary, self._user, self._user)
        self._folder = temporary
        return temporary

    def _run(self, program: str, *arguments: str, cwd: Path | None = None) -> int:
        """Run one of PostgreSQL's programs against this server; returns its exit status."""
        process = self._guard.spawn(
            [program if program.startswith("/") else _program(program), *arguments],
            env={
                "PATH": PATH,
                "PGHOST": self.host,
                "PGPORT": str(self.port),
                "PGUSER": NAME,
                "PGPASSWORD": self._password,
            },
            cwd=cwd or self._folder,
            log=self._log,
            user=self._user,
        )
        if not poll(lambda: process.status() is not None, timeout=_PATIENCE):
            process.kill()
            raise StackError(f"{Path(program).name} took longer than {_PATIENCE} s")
        return process.status() or 0


def _program(name: str) -> Path:
    """The path of a program of the newest version: Debian has none of them in PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3])
    )
    if not found:
        raise StackError("postgresql is not installed: run `make setup`")
    return found[-1]


def _is_missing(account: str) -> bool:
    try:
        pwd.getpwnam(account)
    except KeyError:
        return True
    return False
