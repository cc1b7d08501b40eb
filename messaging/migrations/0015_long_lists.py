"""Lists, filters and retention of large tables each have an index, and no table has one in vain."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Coalesce

from orbit.indexes import AddIndex, RemoveIndex, drop_like_indexes


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0003_organisation_in_words"),
        ("messaging", "0014_dispatch"),
    ]

    operations = [
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
