from django.db import migrations


class Migration(migrations.Migration):
    """What it holds is the carrier's id, out of its receipt."""

    dependencies = [("messaging", "0008_campaigns")]

    operations = [
        migrations.RenameField("message", "gateway_message_id", "carrier_message_id"),
    ]
