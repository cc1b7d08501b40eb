"""What became of each credential's messages, in sums that only grow."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0032_usage_of_sent_messages'),
    ]

    operations = [
        migrations.CreateModel(
            name='CredentialTotal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('credential_id', models.CharField(max_length=40)),
                ('what', models.CharField(max_length=16)),
                ('bucket', models.SmallIntegerField()),
                ('count', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('credential_id', 'what', 'bucket'), name='credential_total_once')],
            },
        ),
    ]
