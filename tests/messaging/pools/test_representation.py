from __future__ import annotations

from messaging.pools import documentation
from messaging.pools.representation import represent
from tests.messaging.pools.conftest import A, read


def test_openapi_describes_what_is_answered(api):
    answer = represent(read(api, api.add(A)))
    shape = documentation.SenderPoolAnswer()
    assert list(shape.fields) == list(documentation._EXAMPLE) == list(answer)
    member = answer["members"][0]
    assert list(shape.fields["members"].child.fields) == list(member)
    assert all(list(each) == list(member) for each in documentation.MEMBERS)
