"""Texts wait for organisations' own platforms in the rows of their PDUs."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("messaging", "0025_opt_out_indexes")]

    operations = [
        migrations.AddField(
            model_name='inboundpdu',
            name='access_due_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='inboundpdu',
            name='access_state',
            field=models.CharField(blank=True, choices=[('waiting', 'Waiting'), ('delivered', 'Delivered'), ('refused', 'Refused'), ('expired', 'Expired')], db_default='', default='', max_length=9),
        ),
    ]
