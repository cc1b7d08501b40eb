"""Groups of messages that wait: messages of one group are tried at the same carriers.

`dispatch.queue` reads by group, so that its cost does not grow with the messages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.db import models

_OF = (
    "campaign_id",
    "country",
    "wanted_carrier_id",
    "wanted_pool_id",
    "carrier_id",
    "is_final",
    "passed_over",
)


@lru_cache(maxsize=4096)
def group_key(
    *,
    campaign_id: str | None = None,
    country: str = "",
    wanted_carrier_id: str | None = None,
    wanted_pool_id: str | None = None,
    carrier_id: str | None = None,
    is_final: bool = False,
    passed_over: str = "",
) -> str:
    """The group of a message with these columns; the arguments are as the model has them.

    Keys of single messages sort before those of campaigns. A carrier counts where the message is to
    be tried there once more.
    """
    again = carrier_id if is_final else None
    what = repr((campaign_id, country, wanted_carrier_id, wanted_pool_id, again, passed_over))
    digest = hashlib.blake2b(what.encode(), digest_size=10).hexdigest()
    return f"{'campaign' if campaign_id else 'alone'}-{digest}"


def group_key_of(message: models.Model) -> str:
    """`group_key` of a message."""
    return group_key(**{name: getattr(message, name) for name in _OF})


class GroupKeyField(models.CharField):
    """The column of the group key: computed from the others whenever a message is saved."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        key = group_key_of(model_instance)
        setattr(model_instance, self.attname, key)
        return key

    def of_row(self, row: Mapping[str, Any]) -> str:
        """`row`: values by column; others than those of a group are passed over."""
        return group_key(**{name: row[name] for name in _OF if name in row})
