"""Each field that a trial bind sends or checks counts as another bind for the carrier."""

from __future__ import annotations

import inspect

import pytest

from messaging.credentials.models import Credential
from messaging.credentials.sync import BIND_FIELDS
from messaging.smpp.trial_bind import trial_bind
from tests.messaging.credentials.conftest import stored

# The address follows from the host; a system_id is never changed; `tls` stands for all of them.
NOT_WRITTEN = {"address", "system_id", "timeout"}


def test_what_a_trial_bind_takes_is_what_makes_a_bind_another():
    taken = set(inspect.signature(trial_bind).parameters) - NOT_WRITTEN
    tls = {field.name for field in Credential._meta.fields if field.name.startswith("tls_")}

    assert taken | tls | {"backups"} == BIND_FIELDS


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "is_another"),
    [
        ({"name": "N"}, False),
        ({"throughput": 11, "window": 3}, False),
        ({"enabled": False}, False),
        ({"binds": 3, "max_binds": 4}, False),
        ({"port": 2776}, True),
        ({"backups": [{"host": "127.0.0.2"}]}, True),
        ({"system_type": "VMA", "throughput": 11}, True),
    ],
)
def test_a_patch_is_another_bind_only_if_the_carrier_sees_it(api, fields, is_another):
    credential_id = api.add()
    before = stored(credential_id).bind_version

    assert api.patch(f"/{credential_id}", fields).status_code == 200

    assert (stored(credential_id).bind_version > before) == is_another
