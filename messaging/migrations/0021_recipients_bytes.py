from django.db import migrations, models
from django.db.models import OuterRef, Subquery, Sum, TextField
from django.db.models.functions import Cast, Coalesce, Length


def count_those_that_are_there(apps, schema_editor):
    """By their stored length, which is near enough: later ones are counted exactly."""
    campaigns = apps.get_model("messaging", "Campaign")
    recipients = apps.get_model("messaging", "Recipient")
    size = Sum(Length(Cast("variables", TextField())) + Length("to"))
    own = recipients.objects.filter(campaign=OuterRef("pk")).order_by().values("campaign")
    campaigns.objects.update(
        recipients_bytes=Coalesce(Subquery(own.annotate(size=size).values("size")), 0)
    )


class Migration(migrations.Migration):
    dependencies = [("messaging", "0020_bind_origins")]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="recipients_bytes",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.RunPython(count_those_that_are_there, migrations.RunPython.noop),
    ]
