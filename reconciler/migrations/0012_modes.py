from django.db import migrations, models


class Migration(migrations.Migration):
    """Gateways that are drained or lost, labels of regions, and since when organisations move."""

    dependencies = [("reconciler", "0010_connector_record")]

    operations = [
        migrations.AddField("gateway", "away_since", models.DateTimeField(editable=False, null=True)),
        migrations.AddField(
            "gateway", "closed", models.BooleanField(default=False, editable=False)
        ),
        migrations.AddField(
            "gateway", "told_closed", models.BooleanField(default=False, editable=False)
        ),
        migrations.AddField(
            "gateway",
            "mode",
            models.CharField(
                choices=[("active", "Active"), ("draining", "Draining"), ("lost", "Lost")],
                default="active",
                editable=False,
                max_length=8,
            ),
        ),
        migrations.AddField(
            "gateway",
            "mode_reason",
            models.CharField(blank=True, default="", editable=False, max_length=200),
        ),
        migrations.AddField("gateway", "mode_since", models.DateTimeField(editable=False, null=True)),
        migrations.AddField(
            "gateway", "region", models.CharField(blank=True, default="", max_length=32)
        ),
        migrations.AddField(
            "placement", "moving_since", models.DateTimeField(editable=False, null=True)
        ),
        migrations.AddField(
            "placement", "region", models.CharField(blank=True, default="", max_length=32)
        ),
    ]
