"""One process of the Procfile, as it is after its start, and after what it does with a fleet.

`python -m tests.benchmarks.process_memory web|worker|receiver` prints MiB that are resident after
the start, after the work, and at its highest; `of` runs it so.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

TURNS = 3
PAGES = ("", "messaging/credential/", "messaging/carrier/", "reconciler/run/")


@dataclass(frozen=True)
class Memory:
    start: float
    after: float
    peak: float


def of(role: str, environ: Mapping[str, str]) -> Memory:
    """Of a process of this role on the database that `environ` names."""
    argv = [sys.executable, "-m", __name__, role]
    done = subprocess.run(argv, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return Memory(*map(float, done.stdout.split()[-3:]))


def resident(name: str = "VmRSS") -> float:
    """MiB of this process; `VmHWM`: at its highest."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = (each for each in lines if each.startswith(f"{name}:"))
    return int(line.split()[1]) / 1024


def _web() -> Callable[[], None]:
    import_module("orbit.wsgi")
    test = import_module("django.test")
    users = import_module("orbit.accounts.models")
    client = test.Client()
    client.force_login(users.User.objects.filter(is_superuser=True).first())

    def work() -> None:
        for page in PAGES:
            answer = client.get(f"/admin/{page}")
            assert answer.status_code == 200, page

    return work


def _worker() -> Callable[[], None]:
    _set_up("orbit.celery", "reconciler.tasks")
    desired = import_module("reconciler.desired")
    differences, plans = import_module("reconciler.diff"), import_module("reconciler.plan")
    status = import_module("reconciler.status.credential_status")
    gateways = list(import_module("reconciler.models").Gateway.objects.all())

    def work() -> None:
        for gateway in gateways:
            wanted = desired.build(desired.take_snapshot(gateway))
            connectors = {
                cid: replace(connector, session="BOUND_TRX")
                for cid, connector in wanted.state.connectors.items()
            }
            found = replace(wanted.state, connectors=connectors)
            plans.make_plan(differences.diff(wanted.state, found), found, wanted.names)
            status.observe(gateway, wanted, found)

    return work


def _receiver() -> Callable[[], None]:
    _set_up("reconciler.receiver.readers")
    copies = import_module("reconciler.opt_out_copies")
    keys = import_module("orbit.accounts.models").Organization.objects.values_list("gateway_key")
    known = {key: 1 for (key,) in keys}
    gateways = import_module("reconciler.models").Gateway.objects.all()
    kept = [copies.Copy(gateway, _versions=known) for gateway in gateways]

    def work() -> None:
        for each in kept:
            each.turn(None)

    return work


def _set_up(*modules: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orbit.settings")
    import_module("django").setup()
    for each in modules:
        import_module(each)


def main() -> None:
    work = {"web": _web, "worker": _worker, "receiver": _receiver}[sys.argv[1]]()
    start = resident()
    for _ in range(TURNS):
        work()
    print(f"{start:.1f} {resident():.1f} {resident('VmHWM'):.1f}")


if __name__ == "__main__":
    main()
