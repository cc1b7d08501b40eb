"""The gateway's log of the receipts' tests."""

from tests.messaging.receipts.conftest import (  # noqa: F401 - fixtures
    _new_counters,
    carrier,
    fake,
    log,
)
