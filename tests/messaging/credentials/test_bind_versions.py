"""Each field that a trial bind sends or checks counts as another bind for the carrier."""

from __future__ import annotations

import inspect

from messaging.credentials.models import Credential
from messaging.credentials.sync import BIND_FIELDS
from messaging.smpp.trial_bind import trial_bind

# The address follows from the host; a system_id is never changed; `tls` stands for all of them.
NOT_WRITTEN = {"address", "system_id", "timeout"}


def test_what_a_trial_bind_takes_is_what_makes_a_bind_another():
    taken = set(inspect.signature(trial_bind).parameters) - NOT_WRITTEN
    tls = {field.name for field in Credential._meta.fields if field.name.startswith("tls_")}

    assert taken | tls == BIND_FIELDS
