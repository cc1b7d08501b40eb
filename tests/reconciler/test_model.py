"""The model answers as the real Jasmin did when the transcripts were taken."""

from __future__ import annotations

import pytest

from tests.reconciler.jcli.transcripts import Exchange, cases, load, masked
from tests.reconciler.model import ModelJasmin

# Counters, balances and routes of other kinds than ours are no part of it.
LEFT_OUT = {
    *("connectors/attempts", "console/statistics", "console/mistakes", "users/lists"),
    *("routes/failures", "routes/lists"),
}


@pytest.mark.parametrize("case", sorted({*cases()} - LEFT_OUT))
def test_the_model_says_what_jasmin_said(case: str):
    console = ModelJasmin().console()
    session = load(case)

    again = [
        Exchange(console.prompt, each.typed, masked(console.answer(each.typed))) for each in session
    ]

    assert again == [Exchange(e.prompt, e.typed, masked(e.answer)) for e in session]
