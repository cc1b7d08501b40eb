"""How far each chain of the audit was streamed."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("accounts", "0010_second_factor")]

    operations = [
        migrations.CreateModel(
            name="AuditStreamPosition",
            fields=[
                ("chain", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("seq", models.PositiveBigIntegerField(default=0)),
            ],
        ),
    ]
