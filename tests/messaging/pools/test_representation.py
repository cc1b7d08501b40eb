from __future__ import annotations

from messaging.pools.representation import represent
from tests.messaging.pools.conftest import A, read
from tests.openapi import check_answer


def test_openapi_describes_what_is_answered(api):
    check_answer("Pool", represent(read(api, api.add(A))))
