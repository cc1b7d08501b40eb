"""A site with servers of its own, of which any may be killed: nobody else uses them."""

from __future__ import annotations

import contextlib
import html
import http.client
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

from orbit.dev.demo.environment import make_environment
from orbit.dev.stack import Stack
from orbit.dev.stack.jasmin import PROJECT
from orbit.dev.stack.processes import Process
from orbit.operations.heartbeats import SILENT
from tests.e2e.api import Api
from tests.e2e.waiting import eventually
from tests.fixtures.forkserver.guard import ForkingGuard
from tests.fixtures.forkserver.programs import run
from tests.fixtures.stack import LOCAL

OPERATOR, PASSWORD = "operator@example.com", "a-password-of-the-tests"
LAST_WORDS = 6000  # characters
# Celery's node name → the queues that it takes.
WORKERS = {"worker": "pushes,celery,diagnosis,carrier_tests,webhooks", "sender": "messages"}
OURS = (*WORKERS, "receiver", "beat")


class OwnSite:
    """Started by `running`. `said()` is what the site says of itself, by place. `settings`: further
    environment of its processes."""

    def __init__(self, stack: Stack, settings: Mapping[str, str]) -> None:
        self.stack = stack
        self.jasmin = stack.gateways["main"]
        self.postgres, self.redis = stack._postgres, stack._redis
        self._port = stack.reserve_port()
        self.url = f"http://127.0.0.1:{self._port}"
        places = {**stack.environ(), "DLR_BASE_URL": self.url}
        self.environ = {**make_environment(stack.root, servers=places), **settings}
        self.processes: dict[str, Process] = {}
        self._browser = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))

    def start(self) -> None:
        self.stack.start()
        self._done("migrate", "--verbosity", "0")
        self.run("web")
        jasmin = self.jasmin
        self._done(
            "gateways", "add", "main",
            "--jcli", f"{jasmin.jcli_host}:{jasmin.jcli_port}",
            "--username", jasmin.jcli_username,
            "--http", jasmin.http_url,
            JCLI_PASSWORD=jasmin.jcli_password,
        )  # fmt: skip
        for name in OURS:
            self.run(name)
        made = self._done("create_organization", "Acme", "--email", "owner@example.com", "--json")
        self.api = Api(self.url, json.loads(made)["api_key"])
        self.organization_id = json.loads(made)["organization_id"]
        self._done(
            "createsuperuser", "--noinput", "--email", OPERATOR, DJANGO_SUPERUSER_PASSWORD=PASSWORD
        )
        eventually(self._answers)
        self._sign_in()
        eventually(self.is_well, timeout=90)

    def run(self, name: str) -> None:
        """Start "web" or one of OURS."""
        celery = [sys.executable, "-m", "celery", "-A", "orbit"]
        if name == "web":
            argv = [sys.executable, "-m", "gunicorn", "orbit.wsgi", "--bind", self.url[7:]]
            argv += ["--worker-class", "gthread", "--threads", "8", "--no-control-socket"]
            argv += ["--forwarded-allow-ips="]
        elif name == "beat":
            argv = [*celery, "beat"]
        elif name == "receiver":
            argv = [sys.executable, "manage.py", "receive"]
        else:
            argv = [*celery, "worker", "--hostname", f"{name}@%h", "--queues", WORKERS[name]]
            argv += ["--concurrency", "2", "--without-mingle", "--without-gossip"]
        self.processes[name] = self.stack.spawn(name, argv, env=self.environ)

    def kill(self, name: str) -> None:
        self.processes[name].kill()

    def ended(self) -> dict[str, str]:
        """The last words of each process that is not there, though it was started."""
        logs = self.stack.root / "logs"
        return {
            name: (logs / f"{name}.log").read_text(errors="replace")[-LAST_WORDS:]
            for name, process in self.processes.items()
            if not process.is_running()
        }

    def manage(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT, env=self.environ | environ, text=True, timeout=600,
        )  # fmt: skip

    def said(self) -> dict[str, str]:
        """What each of the four places says now."""
        return {
            "readyz": self.readyz(),
            "metrics": self._read("/metrics", bears_token=True),
            "home": html.unescape(
                self._read("/admin/console/home/site/")
                + self._read("/admin/console/home/gateways/")
            ),
            "gateways list": self.manage("gateways", "list").stdout,
        }

    def readyz(self) -> str:
        return self._read("/readyz", bears_token=True)

    def is_well(self) -> bool:
        return '"status": "ok"' in self.readyz()

    def _read(self, path: str, *, bears_token: bool = False) -> str:
        token = {"Authorization": f"Bearer {self.environ['METRICS_TOKEN']}"} if bears_token else {}
        try:
            answer = self._browser.open(Request(self.url + path, headers=token), timeout=30)
        except HTTPError as error:
            answer = error
        with answer:
            return answer.read().decode()

    def _sign_in(self) -> None:
        page = self._read("/admin/login/?next=/admin/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        fields = {"username": OPERATOR, "password": PASSWORD, "csrfmiddlewaretoken": token}
        login = f"{self.url}/admin/login/?next=/admin/"
        with self._browser.open(login, urlencode(fields).encode()) as page:
            assert page.url == f"{self.url}/admin/", "the operator was not let in"

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        with contextlib.closing(connection), contextlib.suppress(OSError):
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        return False

    def _done(self, *arguments: str, **environ: str) -> str:
        done = self.manage(*arguments, **environ)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@contextmanager
def running(**settings: str) -> Iterator[OwnSite]:
    LOCAL.mkdir(exist_ok=True)
    root = Path(tempfile.mkdtemp(prefix="own-", dir=LOCAL))
    stack = Stack(
        root, keep=False, guard=ForkingGuard
    )  # not `fast`, which loses what was committed last
    try:
        site = OwnSite(stack, settings)
        site.start()
        yield site
    finally:
        stack.stop()


@dataclass(frozen=True)
class Way:
    """How a part is killed, how it comes back, and what has to be said meanwhile."""

    kill: Callable[[], None]
    come_back: Callable[[], None]
    reasons: Sequence[str]


def ways(site: OwnSite) -> dict[str, Way]:
    """Each part that may be killed."""
    jasmin, postgres = site.jasmin, site.postgres

    def refused(name: str, port: object) -> list[str]:
        return [rf"{name} 127\.0\.0\.1:{port}: connection refused"]

    api = refused("HTTP API", jasmin.http_url.rpartition(":")[2])
    # No page can tell an operator while it is away: no address there.
    database = [rf"PostgreSQL( 127\.0\.0\.1:{postgres.port})?: connection refused"]

    def process(name: str) -> Way:
        silent = rf"(?s)process\.{name}@.{{1,120}}{SILENT}"
        return Way(lambda: site.kill(name), lambda: site.run(name), [silent])

    return {
        "jasmind": Way(jasmin.kill, jasmin.start, api),
        "our Redis": Way(site.redis.kill, site.redis.start, refused("Redis", site.redis.port)),
        "PostgreSQL": Way(postgres.kill, postgres.start, database),
        **{name: process(name) for name in OURS},
    }
