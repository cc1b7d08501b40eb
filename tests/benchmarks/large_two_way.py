"""A million texts of phones, opt-outs and passes beside the tables of `large_tables`.

Of a thousand texts five lack parts, five were not answered as they should have been, and a
hundred came to no number of ours; of a thousand opt-outs one was told by a carrier; of a thousand
passes one failed.
"""

from __future__ import annotations

from django.db import connection

from messaging.inbound.models import InboundMessage
from messaging.opt_out_texts.models import NearMiss
from messaging.opt_outs.models import OptOut
from messaging.own_numbers.models import OwnNumber
from reconciler.models import Run
from tests.benchmarks.large_fleet import Fleet, organization_id
from tests.benchmarks.large_rows import identity, insert, moment_of, one_of
from tests.benchmarks.large_tables import Site

LARGE = (InboundMessage, NearMiss, OptOut, Run)
_CHANGE = (
    '{"kind": "connector", "key": "obaaaaaaaaaaaaa", "action": "update", "reason": "differs", '
    '"fields": [{"name": "port", "actual": "1", "desired": "2"}], "drops_bind": true, '
    '"outcome": "done"}'
)


def fill(site: Site, fleet: Fleet) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for part in (_texts, _opt_outs):
            part(site)
        _passes(site, fleet)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")


def _texts(site: Site) -> None:
    moment = moment_of(site.rows, site.now)
    organization = one_of([each.organization_id for each in site.carriers])
    number = OwnNumber.objects.create(
        organization=site.organization,
        credential=site.carriers[0].credential,
        number="+33639980000",
    )
    key = identity("msg", moment)
    insert(
        InboundMessage,
        site.rows,
        id=key,
        organization_id=organization,
        credential_id=f"'{site.carriers[0].credential_id}'",
        number_id=f"CASE WHEN n % 10 = 3 THEN NULL ELSE '{number.pk}' END",
        sender="'+336' || lpad((n % 200000)::text, 8, '0')",
        receiver="'+33639980000'",
        from_is_e164="true",
        body="'Yes please'",
        charset="'gsm7'",
        segments="1",
        complete="n % 200 <> 0",
        keyword="''",
        in_reply_to="''",
        answer_id="CASE WHEN n % 100 = 2 THEN 'msg_x' ELSE '' END",
        answer_error="CASE WHEN n % 200 = 1 THEN 'no sender' ELSE '' END",
        received_at=moment,
        created_at=moment,
    )
    insert(
        NearMiss,
        site.rows // 10,
        message_id=key,
        organization_id=organization,
        word="'stop'",
        decision="CASE WHEN n % 100 = 7 THEN '' ELSE 'dismiss' END",
        created_at=moment,
    )


def _opt_outs(site: Site) -> None:
    moment = moment_of(site.rows, site.now)
    insert(
        OptOut,
        site.rows,
        id=identity("opt", moment),
        organization_id=one_of([each.organization_id for each in site.carriers]),
        number="'+1' || (4000000000 + n)",
        scope="CASE WHEN n % 1000 = 5 THEN 'ACME' ELSE 'organization' END",
        source="CASE WHEN n % 1000 = 6 THEN 'carrier' WHEN n % 3 = 0 THEN 'keyword' "
        "ELSE 'import' END",
        created_at=moment,
    )


def _passes(site: Site, fleet: Fleet) -> None:
    moment = moment_of(site.rows, site.now)
    keys = ", ".join(f"'{each.pk}'" for each in fleet.gateways)
    insert(
        Run,
        site.rows,
        id=identity("run", moment),
        gateway_id=f"(ARRAY[{keys}])[1 + n % {len(fleet.gateways)}]",
        organization_id=organization_id(f"n % {len(fleet.organizations)}"),
        trigger="CASE WHEN n % 10000 = 3 THEN 'admin' WHEN n % 2 = 0 THEN 'push' ELSE 'beat' END",
        state="CASE WHEN n % 1000 = 1 THEN 'failed' ELSE 'applied' END",
        error="CASE WHEN n % 1000 = 1 THEN 'Jasmin said no' ELSE '' END",
        started_at=moment,
        finished_at=moment,
        changes=f"'[{_CHANGE}, {_CHANGE}]'::jsonb",
        persisted="true",
    )
