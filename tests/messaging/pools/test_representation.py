from __future__ import annotations

from messaging.pools import documentation
from messaging.pools.choosing import preview
from messaging.pools.representation import previewed, represent
from tests.messaging.pools.conftest import FRANCE, A, read


def test_openapi_describes_what_is_answered(api):
    answer = represent(read(api, api.add(A)))
    shape = documentation.SenderPoolAnswer()
    assert list(shape.fields) == list(documentation._EXAMPLE) == list(answer)
    member = answer["members"][0]
    assert list(shape.fields["members"].child.fields) == list(member)
    assert all(list(each) == list(member) for each in documentation._MEMBERS)


def test_openapi_describes_what_is_previewed(api, carriers):
    carriers.add()
    answer = previewed(preview(read(api, api.add(A)), FRANCE))
    shape, example = documentation.PreviewAnswer(), documentation._PREVIEW_EXAMPLE
    assert list(shape.fields) == list(example) == list(answer)
    for part in ("selected", "carrier"):
        assert list(shape.fields[part].fields) == list(example[part]) == list(answer[part])
    assert list(shape.fields["candidates"].child.fields) == list(answer["candidates"][0])
    assert all(list(each) == list(answer["candidates"][0]) for each in example["candidates"])
