"""Passkeys; recovery codes are the person's, since they stand for a passkey, too."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def give_codes_to_people(apps, schema_editor):
    codes = apps.get_model("accounts", "RecoveryCode").objects
    apps_of_people = apps.get_model("accounts", "Authenticator").objects
    owner = apps_of_people.filter(pk=OuterRef("authenticator_id")).values("user_id")[:1]
    codes.update(user_id=Subquery(owner))


def device():
    return [
        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
        ('name', models.CharField(help_text='The human-readable name of this device.', max_length=64)),
        ('confirmed', models.BooleanField(default=True, help_text='Is this device ready for use?')),
    ]


def owner(**options):
    return models.ForeignKey(help_text='The user that this device belongs to.', on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL, **options)


class Migration(migrations.Migration):

    dependencies = [("accounts", "0012_retention_of_organisation")]

    operations = [
        migrations.CreateModel(
            name='Passkey',
            fields=[
                *device(),
                ('credential_id', models.CharField(max_length=1366, unique=True)),
                ('credential', models.BinaryField()),
                ('sign_count', models.BigIntegerField()),
                ('last_challenge_at', models.DateTimeField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('last_used_at', models.DateTimeField(null=True)),
                ('copied_at', models.DateTimeField(null=True)),
                ('user', owner()),
            ],
            options={'default_permissions': ()},
        ),
        migrations.AddField('recoverycode', 'user', owner(null=True)),
        migrations.AddField(
            'recoverycode',
            'name',
            models.CharField(default='recovery code', help_text='The human-readable name of this device.', max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            'recoverycode',
            'confirmed',
            models.BooleanField(default=True, help_text='Is this device ready for use?'),
        ),
        migrations.RunPython(give_codes_to_people, migrations.RunPython.noop, elidable=True),
        migrations.AlterField('recoverycode', 'user', owner()),
        migrations.RemoveField('recoverycode', 'authenticator'),
    ]
