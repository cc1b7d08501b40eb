"""An organisation may keep its messages for another time than the site."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("accounts", "0011_audit_stream")]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="messages_kept_days",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
    ]
