"""Half a surrogate pair is JSON, and no UTF-8: it must not break the answer that refuses it."""

from __future__ import annotations

import pytest

from tests.factories import make_api_key

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "body",
    ['{"name": "a\\ud800"}', '{"na\\ud800me": "a"}', '{"scopes": ["a\\ud800"], "name": "a"}'],
)
def test_half_a_surrogate_pair_is_refused_wherever_it_stands(client, body):
    headers = {"X-API-Key": make_api_key().secret}

    answer = client.post(
        "/v1/settings/api-keys", body, content_type="application/json", headers=headers
    )

    assert answer.status_code == 422
    assert answer.json()["error"]["code"] in {"VALIDATION_ERROR", "MISSING_REQUIRED_FIELD"}
