from __future__ import annotations

import pytest

from messaging.carriers.models import Carrier
from messaging.routing.previews import preview
from messaging.routing.representation import explained, previewed
from orbit.api.errors import ApiError
from tests.messaging.pools.conftest import FRANCE, A, read
from tests.openapi import check_answer


def test_openapi_describes_what_is_explained(carriers, organization):
    carriers.add()
    carriers.add(countries=["US"])
    check_answer("Routes", explained(organization.pk, "+33639980001"))


def test_openapi_describes_what_is_previewed(api, carriers):
    carriers.add()
    check_answer("Preview", previewed(preview(read(api, api.add(A)), FRANCE)))


def test_the_note_says_which_carrier_some_messages_try_again(api, carriers, organization):
    weak = carriers.add(quality_mode="enforce")
    carriers.add(name="Second", fallback_order=2)
    Carrier.objects.filter(pk=weak).update(demotions="FR critical probing")
    name = Carrier.objects.get(pk=weak).name

    note = previewed(preview(read(api, api.add(A)), FRANCE))["note"]

    assert f"try {name} first, which delivered too little" in note


def test_of_a_pool_that_was_deleted_since_there_is_no_preview(api):
    pool = read(api, api.add(A))
    assert api.delete(f"/{pool.pk}").status_code == 204

    with pytest.raises(ApiError) as refused:
        preview(pool, FRANCE)
    assert refused.value.code == "NOT_FOUND"
