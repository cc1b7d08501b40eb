"""An orderly stop of jasmind."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.stack


def test_an_orderly_stop_loses_no_answer(launched, carrier) -> None:
    smsc = carrier("slow:1:on=submit")
    cid = launched.open(smsc, window=3)
    messages = [launched.send(cid, f"number {n}", dlr_level=1) for n in range(3)]
    smsc.wait_for(lambda: smsc.system("acme").submit_count == 3)
    launched.jasmin.stop()
    assert launched.jasmin._process.status() == 0
    launched.jasmin.start()

    launched.wait(lambda: all(launched.reported(each) == ["ESME_ROK"] for each in messages))
    assert smsc.system("acme").submit_count == 3
