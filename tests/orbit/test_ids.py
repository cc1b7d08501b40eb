from __future__ import annotations

from datetime import UTC, datetime, timedelta

from orbit.ids import first_id

# RFC 9562, appendix A.6
EXAMPLE, MOMENT = "017f22e279b07cc398c4dc0c0c07398f", datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)


def test_a_moment_sorts_between_the_ids_of_before_and_after_it():
    assert first_id("msg", MOMENT) < f"msg_{EXAMPLE}"
    assert f"msg_{EXAMPLE}" < first_id("msg", MOMENT + timedelta(milliseconds=1))
