from django.db import migrations, models


class Migration(migrations.Migration):
    """Passes count what an access's binds submit."""

    dependencies = [("messaging", "0010_carrier_errors")]

    operations = [
        migrations.AddField(
            "access", "submits_total", models.PositiveBigIntegerField(default=0, editable=False)
        ),
        migrations.AddField(
            "access", "submits_seen", models.JSONField(default=dict, editable=False)
        ),
    ]
