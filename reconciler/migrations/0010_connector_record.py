from django.db import migrations, models


class Migration(migrations.Migration):
    """Another name for the model; the table stays as it is."""

    dependencies = [("reconciler", "0009_long_histories")]

    operations = [
        migrations.AlterModelTable("trunk", "reconciler_trunk"),
        migrations.RenameModel("Trunk", "ConnectorRecord"),
        migrations.AlterField(
            "connectorrecord",
            "credential",
            models.OneToOneField(
                on_delete=models.CASCADE,
                primary_key=True,
                related_name="connector_record",
                serialize=False,
                to="messaging.credential",
            ),
        ),
    ]
