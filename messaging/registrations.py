"""Where the nouns that build on others join them."""

from __future__ import annotations

from messaging.carrier_tests.retention import prune_tests
from messaging.carriers.selectors import ids_by_credential
from messaging.credentials import usage
from orbit.api import retention

usage.implement(ids_by_credential)
retention.register("carrier_tests", prune_tests)
