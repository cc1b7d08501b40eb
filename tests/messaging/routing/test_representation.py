from __future__ import annotations

from messaging.routing.previews import preview
from messaging.routing.representation import explained, previewed
from tests.messaging.pools.conftest import FRANCE, A, read
from tests.openapi import check_answer


def test_openapi_describes_what_is_explained(carriers, organization):
    carriers.add()
    carriers.add(countries=["US"])
    check_answer("Routes", explained(organization.pk, "+33639980001"))


def test_openapi_describes_what_is_previewed(api, carriers):
    carriers.add()
    check_answer("Preview", previewed(preview(read(api, api.add(A)), FRANCE)))
