"""Messages in the table of roles and scopes, cell by cell."""

from __future__ import annotations

import pytest

from tests.messaging.carriers.test_rights import READERS, WRITERS, assert_may
from tests.messaging.messages.conftest import Api, make_message

READ, WRITE = "messages:read", "messages:write"

pytestmark = pytest.mark.usefixtures("carrier")


@pytest.mark.parametrize("role", sorted(READERS))
def test_what_a_role_may_do(organization, role):
    message_id = make_message(organization).id
    caller = Api(organization, role=role)
    reads, writes = role in READERS, role in WRITERS

    assert_may(caller.get(), reads, 200, READ)
    assert_may(caller.get(f"/{message_id}"), reads, 200, READ)
    assert_may(caller.try_to_send(), writes, 202, WRITE)


@pytest.mark.parametrize("scope", ["carriers:read", "sender_pools:write", "campaigns:write"])
def test_other_scopes_open_nothing_here(organization, scope):
    message_id = make_message(organization).id
    caller = Api(organization, scopes=[scope])
    assert_may(caller.get(), False, 200, READ)
    assert_may(caller.get(f"/{message_id}"), False, 200, READ)
    assert_may(caller.try_to_send(), False, 202, WRITE)


def test_writing_does_not_mean_reading(organization):
    message_id = make_message(organization).id
    writer = Api(organization, scopes=[WRITE])
    assert_may(writer.get(f"/{message_id}"), False, 200, READ)
    assert_may(writer.try_to_send(), True, 202, WRITE)
