"""What was sent, added up by the hour; what carriers deliver, and where they stand by it."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0030_long_inbound'),
    ]

    operations = [
        migrations.AddField(
            model_name='carrier',
            name='demotions',
            field=models.TextField(blank=True, db_default='', default='', editable=False),
        ),
        migrations.AddField(
            model_name='carrier',
            name='quality_mode',
            field=models.CharField(choices=[('off', 'off'), ('advise', 'advise'), ('enforce', 'enforce')], db_default='off', default='off', max_length=8),
        ),
        migrations.AddIndex(
            model_name='carrier',
            index=models.Index(condition=models.Q(('quality_mode', 'off'), _negated=True), fields=['organization'], name='carrier_quality_looked_at'),
        ),
        migrations.CreateModel(
            name='UsageRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('minute', models.DateTimeField()),
                ('organization_id', models.CharField(max_length=40)),
                ('credential_id', models.CharField(blank=True, default='', max_length=40)),
                ('carrier_id', models.CharField(blank=True, default='', max_length=40)),
                ('country', models.CharField(blank=True, default='', max_length=2)),
                ('sender_type', models.CharField(blank=True, default='', max_length=12)),
                ('status', models.CharField(blank=True, default='', max_length=20)),
                ('outcome', models.CharField(blank=True, default='', max_length=13)),
                ('code', models.CharField(blank=True, default='', max_length=64)),
                ('bucket', models.SmallIntegerField(default=-1)),
                ('currency', models.CharField(blank=True, default='', max_length=3)),
                ('messages', models.IntegerField()),
                ('segments', models.IntegerField()),
                ('amount', models.DecimalField(decimal_places=5, max_digits=18)),
            ],
        ),
        migrations.CreateModel(
            name='UsageHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('organization_id', models.CharField(max_length=40)),
                ('credential_id', models.CharField(blank=True, default='', max_length=40)),
                ('carrier_id', models.CharField(blank=True, default='', max_length=40)),
                ('country', models.CharField(blank=True, default='', max_length=2)),
                ('sender_type', models.CharField(blank=True, default='', max_length=12)),
                ('status', models.CharField(max_length=20)),
                ('currency', models.CharField(blank=True, default='', max_length=3)),
                ('messages', models.IntegerField()),
                ('segments', models.IntegerField()),
                ('amount', models.DecimalField(decimal_places=5, max_digits=20)),
            ],
            options={
                'indexes': [models.Index(fields=['hour'], name='usage_hour_age')],
                'constraints': [models.UniqueConstraint(fields=('organization_id', 'hour', 'carrier_id', 'country', 'sender_type', 'status', 'credential_id', 'currency'), name='usage_hour_once')],
            },
        ),
        migrations.CreateModel(
            name='QualityCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('span', models.PositiveSmallIntegerField()),
                ('start', models.DateTimeField()),
                ('organization_id', models.CharField(max_length=40)),
                ('carrier_id', models.CharField(max_length=40)),
                ('country', models.CharField(blank=True, default='', max_length=2)),
                ('sender_type', models.CharField(blank=True, default='', max_length=12)),
                ('outcome', models.CharField(max_length=13)),
                ('code', models.CharField(blank=True, default='', max_length=64)),
                ('bucket', models.SmallIntegerField(default=-1)),
                ('count', models.IntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['span', 'start'], name='quality_count_age')],
                'constraints': [models.UniqueConstraint(fields=('carrier_id', 'span', 'start', 'country', 'sender_type', 'outcome', 'code', 'bucket', 'organization_id'), name='quality_count_once')],
            },
        ),
        migrations.CreateModel(
            name='CarrierStanding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('country', models.CharField(max_length=2)),
                ('level', models.CharField(choices=[('healthy', 'healthy'), ('warn', 'warn'), ('critical', 'critical')], max_length=8)),
                ('since', models.DateTimeField()),
                ('pause', models.PositiveIntegerField()),
                ('paused_at', models.DateTimeField(null=True)),
                ('probing_since', models.DateTimeField(null=True)),
                ('moves', models.JSONField(default=list)),
                ('evidence', models.JSONField(default=dict)),
                ('carrier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='standings', to='messaging.carrier')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('carrier', 'country'), name='standing_once')],
            },
        ),
        migrations.CreateModel(
            name='QualityMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organization_id', models.CharField(max_length=40)),
                ('carrier_id', models.CharField(max_length=40)),
                ('country', models.CharField(max_length=2)),
                ('mode', models.CharField(max_length=8)),
                ('before', models.CharField(max_length=8)),
                ('after', models.CharField(max_length=8)),
                ('at', models.DateTimeField()),
                ('evidence', models.JSONField(default=dict)),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['carrier_id', '-id'], name='quality_move_of_carrier'), models.Index(fields=['at'], name='quality_move_age')],
            },
        ),
        migrations.CreateModel(
            name='MessageFeedback',
            fields=[
                ('message_id', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('converted', models.BooleanField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'indexes': [models.Index(fields=['created_at'], name='feedback_age')],
            },
        ),
    ]
