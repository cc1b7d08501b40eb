from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reconciler', '0003_conflicts'),
    ]

    operations = [
        migrations.AddField(
            model_name='gateway',
            name='launcher_version',
            field=models.CharField(blank=True, default='', editable=False, max_length=32),
        ),
        migrations.AddField(
            model_name='gateway',
            name='capabilities',
            field=models.JSONField(blank=True, default=list, editable=False),
        ),
    ]
