"""A credential may have several binds, pairs, and backups."""

from django.db import migrations, models


def count_those_that_are_up(apps, schema_editor):
    """Until the next pass has looked: each credential had one bind."""
    statuses = apps.get_model("messaging", "CredentialStatus").objects
    statuses.filter(bind_state="bound").update(bound=1)


class Migration(migrations.Migration):
    dependencies = [("messaging", "0027_access_delivery_index")]

    operations = [
        migrations.AddField(
            model_name="credential",
            name="binds",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="credential",
            name="backups",
            field=models.JSONField(default=list),
        ),
        migrations.AlterField(
            model_name="credential",
            name="bind_type",
            field=models.CharField(
                choices=[
                    ("transceiver", "Transceiver"),
                    ("transmitter", "Transmitter"),
                    ("receiver", "Receiver"),
                    ("transmitter_receiver", "Transmitter Receiver"),
                ],
                default="transceiver",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="credentialstatus",
            name="bound",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="credentialstatus",
            name="sessions",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="credentialstatus",
            name="left_out",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="credentialstatus",
            name="settling",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="credentialstatus",
            name="backup_addresses",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="bindattempt",
            name="beside",
            field=models.FloatField(null=True),
        ),
        migrations.RunPython(count_those_that_are_up, migrations.RunPython.noop),
    ]
