from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Count

from messaging.campaigns.count_triggers import arm, disarm


def count(apps, schema_editor):
    """Those that are there, and those that retention has deleted."""
    Campaign = apps.get_model("messaging", "Campaign")
    CampaignCount = apps.get_model("messaging", "CampaignCount")
    Message = apps.get_model("messaging", "Message")
    rows = Message.objects.filter(campaign__isnull=False).order_by()
    counted = [
        CampaignCount(campaign_id=campaign_id, status=status, count=found)
        for campaign_id, status, found in rows.values_list("campaign", "status").annotate(
            Count("pk")
        )
    ]
    for campaign in Campaign.objects.exclude(forgotten={}).only("forgotten"):
        counted += [
            CampaignCount(campaign_id=campaign.pk, status=status, count=found)
            for status, found in campaign.forgotten.items()
        ]
    CampaignCount.objects.bulk_create(counted, batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("messaging", "0013_reports")]

    operations = [
        migrations.CreateModel(
            name="CampaignCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("status", models.CharField(max_length=20)),
                ("count", models.IntegerField()),
                (
                    "campaign",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="messaging.campaign",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["campaign"], name="campaign_counts")],
            },
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(
                    ("campaign__isnull", False),
                    ("status__in", ("queued", "sending")),
                    ("claimed_at", None),
                ),
                fields=["campaign", "country"],
                name="message_campaign_waits",
            ),
        ),
        migrations.RunPython(count, migrations.RunPython.noop),
        migrations.RunPython(arm, disarm),
    ]
