"""Carriers for links and probes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from orbit.dev.simulator import SimulatorThread, System
from tests.messaging.smpp import trials
from tests.messaging.smpp.probing import SECRET, Report

settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
settings.load_profile("untimed")


@pytest.fixture
def system(smsc: SimulatorThread) -> System:
    """The account `acme` at the carrier, for test sends."""
    return smsc.add_system("acme", SECRET)


@pytest.fixture
def carrier(smsc: SimulatorThread) -> SimulatorThread:
    """A carrier with the account `acme`, for trial binds."""
    smsc.add_system("acme", trials.SECRET)
    return smsc


@pytest.fixture
def report() -> Report:
    return Report()


@pytest.fixture
def trusted(smsc: SimulatorThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts the carrier's certificate."""
    (tmp_path / "authorities.pem").write_text(smsc.certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authorities.pem"))
