"""How often an organisation's list of opt-outs has changed."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("accounts", "0014_members_agree")]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="opt_outs",
            field=models.BigIntegerField(db_default=0, default=0, editable=False),
        ),
    ]
