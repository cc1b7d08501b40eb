"""A private Redis that keeps nothing on disk."""

from __future__ import annotations

import shutil

from orbit.dev.stack.errors import StackError
from orbit.dev.stack.files import PATH, make_folder, write_private
from orbit.dev.stack.processes import Process
from orbit.dev.stack.server import Server, listens

CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
save ""
appendonly no
dir ./
"""


class Redis(Server):
    """One redis-server; `url` is that of its database 0."""

    def __init__(self, *args, port: int, password: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.host, self.port, self.password = "127.0.0.1", port, password

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{self.host}:{self.port}/0"

    def _spawn(self) -> Process:
        program = shutil.which("redis-server", path=PATH)
        if program is None:
            raise StackError("redis-server is not installed: run `make setup`")
        folder = make_folder(self._folder)
        # A file, since every process of the machine can read another one's arguments.
        configuration = write_private(
            folder / "redis.conf",
            CONFIGURATION.format(port=self.port, password=self.password),
        )
        return self._guard.spawn(
            [program, configuration], env={"PATH": PATH}, cwd=folder, log=self._log
        )

    def _is_ready(self) -> bool:
        return listens(self.port)
