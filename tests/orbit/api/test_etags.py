from __future__ import annotations

from types import SimpleNamespace

import pytest

from orbit.api.errors import ApiError
from orbit.api.etags import check_if_match, etag

CURRENT = etag({"name": "x"})


def request(header: str | None) -> SimpleNamespace:
    return SimpleNamespace(META={} if header is None else {"HTTP_IF_MATCH": header})


def test_a_tag_is_strong_and_follows_the_values():
    assert CURRENT.startswith('"')
    assert CURRENT.endswith('"')
    assert etag({"a": 1, "b": [None]}) == etag({"b": [None], "a": 1})
    assert etag({"name": "y"}) != CURRENT
    assert etag({"port": 1}) != etag({"port": "1"}) != etag({"port": True})


@pytest.mark.parametrize("header", [None, "*", CURRENT, f'"old", {CURRENT}', f'{CURRENT}, W/"x"'])
def test_the_current_tag_passes(header):
    check_if_match(request(header), CURRENT)


@pytest.mark.parametrize("header", ['"old"', f"W/{CURRENT}", CURRENT.strip('"'), "", '"a", "b"'])
def test_any_other_tag_is_refused(header):
    with pytest.raises(ApiError) as caught:
        check_if_match(request(header), CURRENT)
    assert (caught.value.code, caught.value.status) == ("PRECONDITION_FAILED", 412)


@pytest.mark.django_db
def test_an_old_tag_changes_nothing(api, key):
    url = f"/v1/settings/api-keys/{key.key.pk}"
    tag = api.get(url)["ETag"]
    refused = api.delete(url, headers={"If-Match": '"old"'})
    assert refused.status_code == 412
    assert refused.json()["error"]["details"] == {"etag": tag}
    assert api.get(url)["ETag"] == tag
    assert api.delete(url, headers={"If-Match": tag}).status_code == 204
