"""A trace of a real gateway, from its start to the file that Wireshark opens."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from orbit.console.traces import pcapng
from orbit.dev.simulator import SimulatorThread
from reconciler.traces import store
from reconciler.traces.following import follow
from reconciler.traces.store import State
from tests.reconciler.conftest import make_gateway
from tests.reconciler.launcher.jasmin_client import PASSWORD, JasminClient

pytestmark = [pytest.mark.stack, pytest.mark.django_db]


def test_a_bind_and_a_message_are_traced_and_the_password_is_nowhere(
    reused: JasminClient, carrier: Callable[..., SimulatorThread], tmp_path: Path
) -> None:
    cid = reused.open(carrier())
    trace = store.open_trace(
        credential="cred_1", cid=cid, gateway=make_gateway(reused.jasmin).pk, by="1",
        by_name="ann@example.com", seconds=60.0, texts=False,
    )  # fmt: skip
    follow(trace.id)
    assert store.find(trace.id).state == State.ON
    reused.type(f"smppccm -0 {cid}")
    reused.start(cid)
    reused.send(cid, "a secret text", dlr_level=2)

    def is_told() -> bool:
        follow(trace.id)
        return any("Deliver_sm" in line for line in read(trace.id, tmp_path))

    reused.wait(is_told)
    store.ask_to_stop(trace)
    follow(trace.id)

    assert store.find(trace.id).state == State.OVER
    lines = read(trace.id, tmp_path)
    for command in ("Bind_transceiver", "Submit_sm - resp", "Deliver_sm"):
        assert any(command in line for line in lines), lines
    file = (tmp_path / "trace.pcapng").read_bytes()
    assert PASSWORD.encode() not in file and b"secret text" not in file
    assert b"acme\0******\0" in file


def read(id: str, folder: Path) -> list[str]:
    """What tshark says of each packet."""
    file = folder / "trace.pcapng"
    pdus = list(store.newest(store.find(id)))[::-1]
    file.write_bytes(b"".join(pcapng.written(pdus, comment="")))
    tshark = shutil.which("tshark", path="/usr/bin:/usr/sbin")
    assert tshark, "tshark is not installed: run `make test`"
    done = subprocess.run(
        [tshark, "-n", "-r", file, "-Y", "smpp"],
        capture_output=True, text=True, env={"HOME": str(folder)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
