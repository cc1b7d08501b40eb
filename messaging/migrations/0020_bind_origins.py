from django.db import migrations, models
from django.db.models import F


def take_what_there_is_for_proven(apps, schema_editor):
    """What gateways have was given to them before anything was counted: none of it is held back."""
    apps.get_model("messaging", "Credential").objects.update(proven_version=F("bind_version"))


class Migration(migrations.Migration):
    dependencies = [("messaging", "0019_sealed_columns")]

    operations = [
        migrations.AddField(
            model_name="access",
            name="allowed_ips",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="bindattempt",
            name="bind_version",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="bindattempt",
            name="awaited_version",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="credential",
            name="bind_caller",
            field=models.CharField(blank=True, default="", editable=False, max_length=100),
        ),
        migrations.AddField(
            model_name="credential",
            name="proven_version",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.RunPython(take_what_there_is_for_proven, migrations.RunPython.noop),
    ]
