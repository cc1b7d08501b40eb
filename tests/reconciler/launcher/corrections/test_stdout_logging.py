"""Where Jasmin logs."""

from __future__ import annotations

from pathlib import Path

import pytest

from orbit.dev.stack import Jasmin

pytestmark = pytest.mark.stack


@pytest.mark.usefixtures("no_logs")
def test_all_components_log_to_standard_output(bare: Jasmin, launched, carrier) -> None:
    cid = launched.open(carrier())
    launched.send(cid)

    assert list(Path(bare.logs).iterdir()) == []
    said = bare._log.read_text()
    assert " jasmin-http-api SMS-MT " in said
    assert " jcli " in said
    assert " jasmin-router " in said
