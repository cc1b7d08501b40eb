from __future__ import annotations

from messaging.routing import documentation
from messaging.routing.previews import preview
from messaging.routing.representation import explained, previewed
from tests.messaging.pools.conftest import FRANCE, A, read


def test_openapi_describes_what_is_explained(carriers, organization):
    carriers.add()
    carriers.add(countries=["US"])
    answer = explained(organization.pk, "+33639980001")
    shape = documentation.RoutesAnswer()
    assert list(shape.fields) == list(documentation._ROUTES_EXAMPLE) == list(answer)
    for part in ("carriers", "left_out"):
        assert list(shape.fields[part].child.fields) == list(answer[part][0])
        assert list(documentation._ROUTES_EXAMPLE[part][0]) == list(answer[part][0])


def test_openapi_describes_what_is_previewed(api, carriers):
    carriers.add()
    answer = previewed(preview(read(api, api.add(A)), FRANCE))
    shape, example = documentation.PreviewAnswer(), documentation._PREVIEW_EXAMPLE
    assert list(shape.fields) == list(example) == list(answer)
    for part in ("selected", "carrier"):
        assert list(shape.fields[part].fields) == list(example[part]) == list(answer[part])
    assert list(shape.fields["candidates"].child.fields) == list(answer["candidates"][0])
    assert all(list(each) == list(answer["candidates"][0]) for each in example["candidates"])
