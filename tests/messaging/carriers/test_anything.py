"""Random requests are answered as documented and never with 500."""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FIELDS = (
    "name", "credential_id", "countries", "quality", "fallback_order", "billing_rate", "currency",
    "enabled",
)  # fmt: skip
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
likely = st.sampled_from(["FR", "fr", "*", "0.5", "1e5", "NaN", "EUR", 0, 1, 100, 10**30])
bodies = st.dictionaries(
    st.sampled_from(FIELDS) | st.text(), likely | st.lists(likely, max_size=3) | anything
)
# One database transaction for all examples, like one long day of a server.
many = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def is_ours(answer) -> bool:
    return answer.status_code < 500 and set(answer.json()) <= {"data", "error", "meta"}


@many
@given(changes=bodies)
def test_any_body(api, body, changes):
    assert is_ours(api.post("", body | changes))
    assert is_ours(api.post("", changes))


@many
@given(changes=bodies)
def test_any_patch(api, credential, changes):
    row = api.get("?limit=1").json()["data"]
    carrier_id = row[0]["id"] if row else api.add(credential_id=credential.id)
    assert is_ours(api.patch(f"/{carrier_id}", changes))


@many
@given(destination=st.text() | st.from_regex(r"\+[0-9]{1,16}", fullmatch=True))
def test_any_destination(routes, destination):
    assert is_ours(routes.get(f"?destination={quote(destination, errors='replace')}"))


@many
@given(
    query=st.dictionaries(
        st.sampled_from(["credential_id", "country", "enabled", "q", "cursor", "limit"]),
        st.text() | st.sampled_from(["FR", "*", "true", "1"]),
    )
)
def test_any_query(api, query):
    text = "&".join(f"{name}={quote(value, errors='replace')}" for name, value in query.items())
    assert is_ours(api.get(f"?{text}"))
