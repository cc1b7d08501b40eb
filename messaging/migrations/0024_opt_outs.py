"""Numbers that have opted out, what organisations want of texts like STOP, and texts that only look
so."""

import django.db.models.deletion
import django.utils.timezone
import functools
import orbit.db.sealed_fields
import orbit.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0015_opt_outs'),
        ('messaging', '0023_inbound_indexes'),
    ]

    operations = [
        migrations.CreateModel(
            name='OptOutSettings',
            fields=[
                ('organization', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='accounts.organization')),
                ('enabled', models.BooleanField(default=True)),
                ('scope', models.CharField(default='organization', max_length=12)),
                ('languages', models.JSONField(blank=True, default=list)),
                ('replies', models.JSONField(blank=True, default=dict)),
                ('replies_by_language', models.JSONField(blank=True, default=dict)),
                ('keywords', models.JSONField(blank=True, default=dict)),
                ('pools', models.JSONField(blank=True, default=dict)),
                ('version', models.PositiveIntegerField(default=1)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name': 'opt-out settings',
            },
        ),
        migrations.CreateModel(
            name='Confirmation',
            fields=[
                ('message_id', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=96)),
                ('sender', models.CharField(max_length=16)),
                ('kind', models.CharField(choices=[('stop', 'Stop'), ('start', 'Start'), ('help', 'Help')], max_length=5)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
            ],
            options={
                'ordering': ['-message_id'],
                'indexes': [models.Index(orbit.db.sealed_fields.NumberKey('number'), models.F('organization'), models.F('created_at'), name='opt_out_confirmed'), models.Index(fields=['created_at'], name='opt_out_confirmed_at')],
            },
        ),
        migrations.CreateModel(
            name='NearMiss',
            fields=[
                ('message_id', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('word', models.CharField(max_length=64)),
                ('decision', models.CharField(blank=True, choices=[('opt_out', 'Opt Out'), ('dismiss', 'Dismiss')], default='', max_length=8)),
                ('decided_by', models.CharField(blank=True, default='', max_length=254)),
                ('decided_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
            ],
            options={
                'verbose_name_plural': 'near misses',
                'ordering': ['-message_id'],
                'indexes': [models.Index(condition=models.Q(('decision', '')), fields=['organization', 'message_id'], name='near_miss_waits'), models.Index(fields=['created_at'], name='near_miss_age')],
            },
        ),
        migrations.CreateModel(
            name='OptOut',
            fields=[
                ('id', models.CharField(default=functools.partial(orbit.ids.new_id, *('opt',), **{}), editable=False, max_length=40, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=96)),
                ('scope', models.CharField(max_length=40)),
                ('source', models.CharField(choices=[('keyword', 'Keyword'), ('api', 'Api'), ('import', 'Import'), ('console', 'Console'), ('carrier', 'Carrier')], max_length=8)),
                ('message_id', models.CharField(blank=True, default='', max_length=40)),
                ('reason', models.CharField(blank=True, default='', max_length=200)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
            ],
            options={
                'verbose_name': 'opt-out',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['organization', 'id'], name='opt_out_by_organization')],
                'constraints': [models.UniqueConstraint(models.F('organization'), orbit.db.sealed_fields.NumberKey('number'), models.F('scope'), name='opt_out_once')],
            },
        ),
    ]
