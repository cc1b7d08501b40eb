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
        CampaignCount(campaign_id=campaign_id, status=status, count=found, is_sum=True)
        for campaign_id, status, found in rows.values_list("campaign", "status").annotate(
            Count("pk")
        )
    ]
    for campaign in Campaign.objects.exclude(forgotten={}).only("forgotten"):
        counted += [
            CampaignCount(campaign_id=campaign.pk, status=status, count=found, is_sum=True)
            for status, found in campaign.forgotten.items()
        ]
    CampaignCount.objects.bulk_create(counted, batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("messaging", "0015_long_lists")]

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
                ("is_sum", models.BooleanField(default=False)),
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
                "indexes": [
                    models.Index(fields=["campaign"], name="campaign_counts"),
                    models.Index(
                        condition=models.Q(("is_sum", False)),
                        fields=["campaign"],
                        name="campaign_counts_new",
                    ),
                    models.Index(
                        condition=models.Q(("status__in", ("queued", "sending"))),
                        fields=["campaign"],
                        name="campaign_counts_unsent",
                    ),
                ],
            },
        ),
        # First: they keep other transactions from writing messages until what is there is counted.
        migrations.RunPython(arm, disarm),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
