"""Lists, filters and retention of large tables each have an index, and no table has one in vain."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Coalesce

from orbit.db.index_operations import AddIndex, RemoveIndex, drop_like_indexes

WAITS = models.Q(("claimed_at", None), ("status__in", ("queued", "sending")))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0003_organisation_in_words"),
        ("messaging", "0014_dispatch"),
    ]

    operations = [
        AddIndex(
            model_name="message",
            index=models.Index(
                condition=WAITS,
                fields=["organization", "group_key", "next_attempt_at", "id"],
                name="message_waits",
            ),
        ),
        RemoveIndex(model_name="message", name="message_queue"),
        AddIndex(
            model_name="message",
            index=models.Index(condition=WAITS, fields=["created_at"], name="message_waits_since"),
        ),
        AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("campaign__isnull", False), *WAITS.children),
                fields=["campaign", "country"],
                name="message_campaign_waits",
            ),
        ),
        drop_like_indexes("messaging_message", "messaging_event", "messaging_delivery"),
        AddIndex(
            model_name="message",
            index=models.Index(fields=["organization", "id"], name="message_by_organization"),
        ),
        RemoveIndex(model_name="message", name="message_list"),
        AddIndex(
            model_name="message",
            index=models.Index(fields=["status", "organization", "id"], name="message_by_status"),
        ),
        AddIndex(
            model_name="message",
            index=models.Index(fields=["to", "organization", "id"], name="message_by_number"),
        ),
        AddIndex(
            model_name="message",
            index=models.Index(
                Coalesce("carrier", "wanted_carrier"),
                models.F("id"),
                name="message_by_carrier",
            ),
        ),
        RemoveIndex(model_name="message", name="message_age"),
        AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=~models.Q(status="delivered"),
                fields=["webhook", "status", "id"],
                name="delivery_not_delivered",
            ),
        ),
        AddIndex(
            model_name="part",
            index=models.Index(
                condition=models.Q(("id_key", ""), _negated=True),
                fields=["id_key", "account", "id"],
                name="part_by_key",
            ),
        ),
        RemoveIndex(model_name="part", name="part_by_id"),
        AddIndex(
            model_name="strayreceipt",
            index=models.Index(fields=["kind", "id"], name="stray_of_a_kind"),
        ),
        AddIndex(
            model_name="event",
            index=models.Index(fields=["organization", "type", "id"], name="event_of_a_type"),
        ),
        migrations.AlterField(
            model_name="event",
            name="organization",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.organization",
            ),
        ),
    ]
