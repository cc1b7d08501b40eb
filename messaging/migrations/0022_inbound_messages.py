"""Texts of phones become messages; the organisations' own numbers. PDUs that are there already stay
PDUs: nobody is told of texts that came before."""

import django.db.models.deletion
import django.utils.timezone
import functools
import orbit.ids
from django.db import migrations, models

from orbit.db.sealed_fields import NumberKey


class Migration(migrations.Migration):
    dependencies = [
        ('accounts', '0012_retention_of_organisation'),
        ('messaging', '0021_recipients_bytes'),
    ]

    operations = [
        migrations.CreateModel(
            name='OwnNumber',
            fields=[
                ('id', models.CharField(default=functools.partial(orbit.ids.new_id, *('num',), **{}), editable=False, max_length=40, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=16)),
                ('countries', models.JSONField(blank=True, default=list)),
                ('route', models.CharField(choices=[('webhook', 'Webhook'), ('access', 'Access'), ('both', 'Both')], default='webhook', max_length=8)),
                ('webhook_url', models.CharField(default=None, max_length=2048, null=True)),
                ('keywords', models.JSONField(blank=True, default=list)),
                ('default_answer', models.TextField(default=None, null=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name': 'number',
                'ordering': ['-id'],
            },
        ),
        migrations.AddField(
            model_name='credential',
            name='inbound_charset',
            field=models.CharField(choices=[('gsm7', 'Gsm7'), ('latin1', 'Latin1'), ('ucs2', 'Ucs2'), ('ascii', 'Ascii')], default='gsm7', max_length=6),
        ),
        migrations.AddField(
            model_name='credential',
            name='inbound_parts_timeout',
            field=models.PositiveIntegerField(default=900),
        ),
        migrations.AddField(
            model_name='inboundpdu',
            name='due_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='inboundpdu',
            name='expires_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='inboundpdu',
            name='join_key',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.AddField(
            model_name='inboundpdu',
            name='of',
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name='inboundpdu',
            name='part',
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.CreateModel(
            name='InboundMessage',
            fields=[
                ('id', models.CharField(default=functools.partial(orbit.ids.new_id, *('msg',), **{}), editable=False, max_length=40, primary_key=True, serialize=False)),
                ('sender', models.CharField(blank=True, max_length=160)),
                ('receiver', models.CharField(blank=True, max_length=64)),
                ('from_is_e164', models.BooleanField()),
                ('body', models.TextField(blank=True)),
                ('charset', models.CharField(max_length=12)),
                ('segments', models.PositiveSmallIntegerField()),
                ('complete', models.BooleanField()),
                ('keyword', models.CharField(blank=True, default='', max_length=64)),
                ('in_reply_to', models.CharField(blank=True, default='', max_length=40)),
                ('answer_id', models.CharField(blank=True, default='', max_length=40)),
                ('answer_error', models.TextField(blank=True, default='')),
                ('received_at', models.DateTimeField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('credential', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='messaging.credential')),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.AddField(
            model_name='inboundpdu',
            name='message',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='messaging.inboundmessage'),
        ),
        migrations.AddField(
            model_name='ownnumber',
            name='credential',
            field=models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='numbers', to='messaging.credential'),
        ),
        migrations.AddField(
            model_name='ownnumber',
            name='organization',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='numbers', to='accounts.organization'),
        ),
        migrations.AddField(
            model_name='inboundmessage',
            name='number',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='messaging.ownnumber'),
        ),
        migrations.AddIndex(
            model_name='ownnumber',
            index=models.Index(fields=['organization', 'number'], name='own_number_of_organization'),
        ),
        migrations.AddConstraint(
            model_name='ownnumber',
            constraint=models.UniqueConstraint(fields=('credential', 'number'), name='own_number_once_a_credential'),
        ),
        migrations.AddIndex(
            model_name='inboundmessage',
            index=models.Index(fields=['organization', 'id'], name='inbound_by_organization'),
        ),
        migrations.AddIndex(
            model_name='inboundmessage',
            index=models.Index(NumberKey('sender'), models.F('organization'), models.F('id'), name='inbound_by_sender'),
        ),
        migrations.AddIndex(
            model_name='inboundmessage',
            index=models.Index(fields=['receiver', 'organization', 'id'], name='inbound_by_receiver'),
        ),
        migrations.AddIndex(
            model_name='inboundmessage',
            index=models.Index(condition=models.Q(('number__isnull', False)), fields=['number', 'id'], name='inbound_by_number'),
        ),
        migrations.AddIndex(
            model_name='inboundmessage',
            index=models.Index(NumberKey('sender'), models.F('organization'), models.F('id'), condition=models.Q(('answer_id', ''), _negated=True), name='inbound_answered'),
        ),
    ]
