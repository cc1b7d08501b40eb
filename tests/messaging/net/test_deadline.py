from __future__ import annotations

import time

from messaging.net.deadline import Deadline


def test_a_deadline_within_another_ends_with_the_first_of_them():
    assert Deadline.after(100).within(1).left() <= 1
    assert Deadline.after(1).within(100).left() <= 1
    assert Deadline(time.monotonic() - 5).left() == 0
