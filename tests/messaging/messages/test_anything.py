"""Whatever is sent, the answer is one of ours and never a fault of the server."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.messaging.carriers.test_anything import anything, is_ours, many
from tests.messaging.messages.conftest import FRANCE

FIELDS = (
    "to", "body", "from", "sender_pool_id", "carrier_id", "webhook_url", "metadata", "tlvs",
)  # fmt: skip
likely = st.sampled_from(
    [FRANCE, "ACME", "38600", "a" * 1531, "https://example.com/", "https://[::1]:x/", "", 0, {}]
)
bodies = st.dictionaries(st.sampled_from(FIELDS) | st.text(), likely | anything)
# Numbers that every reader of JSON takes for the same (RFC 8259 §6).
portable = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e15, 1e15) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)

pytestmark = pytest.mark.usefixtures("carrier")


@many
@given(changes=bodies)
def test_any_body(api, changes):
    assert is_ours(api.post("/sms", {"to": FRANCE, "body": "hello", "from": "ACME"} | changes))
    assert is_ours(api.post("/sms", changes))


@many
@given(metadata=st.dictionaries(st.text(), anything))
def test_any_metadata(api, metadata):
    assert is_ours(api.try_to_send(metadata=metadata))


@many
@given(metadata=st.dictionaries(st.text(), portable))
def test_metadata_comes_back_as_it_was(api, metadata):
    answer = api.try_to_send(metadata=metadata)
    assert is_ours(answer)
    if answer.status_code == 202:
        sent = answer.json()["data"]
        assert api.read(sent["id"])["metadata"] == sent["metadata"]


@many
@given(
    query=st.dictionaries(
        st.sampled_from(
            ["status", "to", "carrier_id", "created_after", "created_before", "cursor", "limit"]
        ),
        st.text() | st.sampled_from([FRANCE, "sent", "1", "0001-01-01T00:00:00Z", "2026-03-08"]),
    )
)
def test_any_query(api, query):
    text = "&".join(f"{name}={quote(value, errors='replace')}" for name, value in query.items())
    assert is_ours(api.get(f"?{text}"))
