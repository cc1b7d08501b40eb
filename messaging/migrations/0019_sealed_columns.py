"""Numbers get room for their sealed form, and indexes by which both forms are found."""

from django.db import migrations, models
from django.db.models import F, Q

from orbit.db.index_operations import AddIndex, AddUnique, RemoveIndex, WidenOnPostgreSQL
from orbit.db.sealed_fields import NumberKey


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0018_bind_version")]

    operations = [
        WidenOnPostgreSQL(
            model_name="message", name="to", field=models.CharField(max_length=96)
        ),
        WidenOnPostgreSQL(
            model_name="recipient", name="to", field=models.CharField(max_length=96)
        ),
        WidenOnPostgreSQL(
            model_name="carriertest", name="to", field=models.CharField(max_length=96)
        ),
        WidenOnPostgreSQL(
            model_name="inboundpdu",
            name="source",
            field=models.CharField(blank=True, max_length=160),
        ),
        WidenOnPostgreSQL(
            model_name="stickysender", name="destination", field=models.CharField(max_length=32)
        ),
        AddIndex(
            model_name="message",
            index=models.Index(
                NumberKey("to"), F("organization"), F("id"), name="message_to_a_number"
            ),
        ),
        RemoveIndex(model_name="message", name="message_by_number"),
        AddUnique(
            model_name="message",
            constraint=models.UniqueConstraint(
                F("campaign"),
                NumberKey("to"),
                condition=Q(campaign__isnull=False),
                name="message_once_a_number",
            ),
        ),
        migrations.RemoveConstraint(model_name="message", name="message_once_a_recipient"),
        AddUnique(
            model_name="recipient",
            constraint=models.UniqueConstraint(
                F("campaign"), NumberKey("to"), name="recipient_once_a_number"
            ),
        ),
        migrations.RemoveConstraint(model_name="recipient", name="recipient_once_a_campaign"),
    ]
