"""A feeder is killed -9 in the middle of its batch: another one goes on, and no number gets two."""

from __future__ import annotations

import os
import signal
import sys

import pytest
from django.db import connection

from messaging.campaigns.sending import BATCH, feed
from orbit.dev.stack.jasmin import PROJECT
from orbit.dev.stack.processes import poll
from tests.factories import make_organization
from tests.fixtures.forkserver.programs import AT_START, run
from tests.messaging.campaigns.conftest import messages, numbers, stored
from tests.messaging.campaigns.feeder import POINTS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

_CODE = """\
import sys, django
django.setup()
from tests.messaging.campaigns.feeder import main
main(*sys.argv[1:])
"""


@pytest.fixture
def organization(transactional_db):
    """Real commits: the other process has to see them."""
    return make_organization()


def database_url() -> str:
    """Of the database of the tests."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    user = f"{found['USER']}:{found['PASSWORD']}"
    return f"postgres://{user}@{found['HOST']}:{found['PORT']}/{found['NAME']}"


def die(campaign_id: str, point: str) -> None:
    """In a process of its own, at the point."""
    environ = {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "orbit.settings"}
    done = run(
        [sys.executable, "-c", _CODE, campaign_id, point],
        cwd=PROJECT,
        env=os.environ | AT_START | environ,
        text=True,
        timeout=120,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize("point", POINTS)
def test_a_batch_is_there_as_a_whole_or_not_at_all(api, point):
    campaign_id = api.started(*numbers(BATCH + 20))
    die(campaign_id, point)
    made = BATCH if point == "committed" else 0
    assert (len(messages(campaign_id)), stored(campaign_id).fed) == (made, made)

    def is_fed() -> bool:
        """Not at once: until PostgreSQL has seen the death, the campaign is the dead one's."""
        feed(campaign_id)
        return stored(campaign_id).fed == BATCH + 20

    assert poll(is_fed, timeout=30)
    assert sorted(each.to for each in messages(campaign_id)) == numbers(BATCH + 20)
