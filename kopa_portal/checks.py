"""What Django's own checks cannot know about a start of this portal."""
import re
from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections
from django.utils import timezone

from accounts import personal

MISSING, OLD, UNDECLARED, UNIDENTIFIED = "kopa_portal.E001", "kopa_portal.W001", "kopa_portal.E002", "kopa_portal.W002"
UNTOLD, GUESSABLE, NO_BACKUPS, UNLIMITED, TELLING = "kopa_portal.W003", "kopa_portal.W004", "kopa_portal.W005", "kopa_portal.W006", "kopa_portal.W007"
SHORTEST_TOKEN = 32
ENDLESS = re.compile(r"\bstatement_timeout=0(?!\S)")


@register(Tags.translation)
def catalogues_are_compiled(app_configs=None, **kwargs) -> list[CheckMessage]:
    """Without its compiled catalogue a language is shown in English, and nobody is told.

    In English and untranslated, for it speaks of translations that are not there.
    """
    found: list[CheckMessage] = []
    for source in sorted(path for folder in settings.LOCALE_PATHS for path in Path(folder).glob("*/LC_MESSAGES/django.po")):
        language, compiled = source.parts[-3], source.with_suffix(".mo")
        if not compiled.exists():
            found.append(Error(f"The texts in language “{language}” are not compiled, so its pages would be in English.", hint="Run: make catalogues", id=MISSING))
        elif compiled.stat().st_mtime < source.stat().st_mtime:
            found.append(Warning(f"The compiled texts in language “{language}” are older than {source}.", hint="Run: make catalogues", id=OLD))
    return found


@register(Tags.models)
def personal_data_is_declared(app_configs=None, **kwargs) -> list[CheckMessage]:
    """What is in no record of processing is handed out to nobody who asks for it, and erased for nobody."""
    return [Error(fault, hint="accounts/personal.py says how a model is declared.", id=UNDECLARED) for fault in personal.faults()]


@register(Tags.security, deploy=True)
def clients_can_be_identified(app_configs=None, **kwargs) -> list[CheckMessage]:
    """A client's own page opens after strong identification, or for an account whose reason was recorded: without a provider for none but those."""
    if any(one.strong and one.is_for_clients for one in settings.IDENTITY_PROVIDERS):
        return []
    return [Warning("No strong identity provider is configured for clients, so their own page opens only for accounts with a recorded reason.", hint="Set IDENTITY_PROVIDERS; README.md has an example.", id=UNIDENTIFIED)]


@register(Tags.security, deploy=True)
def weaknesses_can_be_told(app_configs=None, **kwargs) -> list[CheckMessage]:
    """RFC 9116: who finds a weakness is told whom to write to, until a day that has not passed."""
    contacts, until = settings.SECURITY_CONTACT, settings.SECURITY_TXT_EXPIRES
    if contacts and all(contact.startswith(("mailto:", "https://", "tel:")) for contact in contacts) and until and until > timezone.localdate():
        return []
    return [Warning("/.well-known/security.txt tells nobody whom to write to about a weakness, or its day has passed.", hint="Set SECURITY_CONTACT (mailto:…, https://… or tel:…) and SECURITY_TXT_EXPIRES (a day within a year).", id=UNTOLD)]


@register(Tags.security, deploy=True)
def operator_is_known(app_configs=None, **kwargs) -> list[CheckMessage]:
    if not settings.OPERATION_TOKEN or len(settings.OPERATION_TOKEN) >= SHORTEST_TOKEN:
        return []
    return [Warning("OPERATION_TOKEN is short enough to be guessed.", hint=f"Take {SHORTEST_TOKEN} random characters or more, or leave it empty: then there is no /metrics.", id=GUESSABLE)]


@register(Tags.files, deploy=True)
def backups_have_a_place(app_configs=None, **kwargs) -> list[CheckMessage]:
    if settings.BACKUP_DIR and Path(settings.BACKUP_DIR).is_dir():
        return []
    return [Warning("BACKUP_DIR names no folder, so nobody is told when the last good backup is old.", hint="Set it to the folder that manage.py backup writes to.", id=NO_BACKUPS)]


@register(Tags.database)
def connections_have_their_limits(app_configs=None, databases=None, **kwargs) -> list[CheckMessage]:
    """Of `check --database default`, and of `migrate`: without its limits a connection waits for a lock for ever. A pooler gives none of those that we ask for.

    Who owns the database may ask in its own address for statements without an end: it changes tables, which takes longer than a page may.
    """
    found: list[CheckMessage] = []
    for connection in (connections[alias] for alias in databases or () if connections[alias].vendor == "postgresql"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, name, setting <> '0' AND setting <> 'on' FROM pg_settings WHERE name = ANY(%s)", [list(settings.DATABASE_LIMITS)])
            rows = cursor.fetchall()
            cursor.execute("SELECT pg_get_userbyid(datdba) = current_user FROM pg_database WHERE datname = current_database()")
            (is_owner,) = cursor.fetchone()
        meant = {"statement_timeout"} if is_owner and ENDLESS.search(connection.settings_dict["OPTIONS"].get("options", "")) else set()
        if missing := sorted(name for _role, name, is_set in rows if not is_set and name not in meant):
            statements = " ".join(f"ALTER ROLE {rows[0][0]} SET {name} = '{settings.DATABASE_LIMITS[name]}';" for name in missing)
            found.append(Warning(f"The database “{connection.alias}” does not hold its connections to {', '.join(missing)}.", hint=f"As that role or an administrator: {statements} A pooler's open connections learn of it when it reconnects.", id=UNLIMITED))
    return found


@register(Tags.database, deploy=True)
def rows_stay_out_of_the_databases_log(app_configs=None, databases=None, **kwargs) -> list[CheckMessage]:
    """Of `check --deploy --database default`: unless told otherwise, PostgreSQL writes the row that it refused into its own log, which no erasure reaches."""
    found: list[CheckMessage] = []
    for connection in (connections[alias] for alias in databases or () if connections[alias].vendor == "postgresql"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('log_error_verbosity') = 'terse' AND current_setting('log_min_error_statement') IN ('fatal', 'panic') AND current_setting('log_parameter_max_length_on_error') = '0'")
            (is_silent,) = cursor.fetchone()
        if not is_silent:
            found.append(Warning(f"The log of the database “{connection.alias}” is told the rows that it refuses, clients' among them.", hint="As an administrator of PostgreSQL: psql --file deploy/roles.sql", id=TELLING))
    return found
