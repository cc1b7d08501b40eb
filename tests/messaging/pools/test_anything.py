"""Random requests are answered as documented and never with 500."""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from tests.messaging.carriers.test_anything import anything, is_ours, many
from tests.messaging.pools.conftest import A, B

FIELDS = (
    "name", "strategy", "sticky", "sticky_ttl_days", "geo_match", "carrier_ids", "members",
)  # fmt: skip
likely = st.sampled_from(
    [A, B, "ACME", "36179", "FR", "*", "weighted", True, 0, 1, 100, 10**30, None, []]
)
member = st.dictionaries(
    st.sampled_from(["sender", "type", "weight", "countries", "enabled", "id"]),
    likely | st.lists(likely, max_size=2) | anything,
)
bodies = st.dictionaries(
    st.sampled_from(FIELDS) | st.text(), likely | st.lists(likely | member, max_size=3) | anything
)


@many
@given(changes=bodies)
def test_any_body(api, changes):
    assert is_ours(api.post("", {"name": "Support"} | changes))
    assert is_ours(api.post("", changes))


@many
@given(changes=bodies)
def test_any_patch(api, changes):
    rows = api.get("?limit=1").json()["data"]
    pool_id = rows[0]["id"] if rows else api.add(A)
    assert is_ours(api.patch(f"/{pool_id}", changes))


@many
@given(
    destination=st.text() | st.from_regex(r"\+[0-9]{1,16}", fullmatch=True),
    more=st.dictionaries(
        st.sampled_from(["count", "carrier_id", "x"]), st.text() | st.sampled_from(["1", "100"])
    ),
)
def test_any_preview(api, destination, more):
    rows = api.get("?limit=1").json()["data"]
    pool_id = rows[0]["id"] if rows else api.add(A, "ACME", geo_match=True)
    query = {"destination": destination} | more
    text = "&".join(f"{name}={quote(value, errors='replace')}" for name, value in query.items())
    assert is_ours(api.get(f"/{pool_id}/preview?{text}"))


@many
@given(
    query=st.dictionaries(
        st.sampled_from(["carrier_id", "q", "cursor", "limit"]), st.text() | st.just("1")
    )
)
def test_any_query(api, query):
    text = "&".join(f"{name}={quote(value, errors='replace')}" for name, value in query.items())
    assert is_ours(api.get(f"?{text}"))
