import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """Members of today have agreed."""

    dependencies = [("accounts", "0013_passkeys")]

    operations = [
        migrations.AddField(
            model_name="member",
            name="accepted_at",
            field=models.DateTimeField(default=django.utils.timezone.now, null=True),
        ),
    ]
