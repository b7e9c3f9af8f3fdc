"""What Django's own checks cannot know about a start of this portal."""
from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from accounts import personal

MISSING, OLD, UNDECLARED, UNIDENTIFIED = "kopa_portal.E001", "kopa_portal.W001", "kopa_portal.E002", "kopa_portal.W002"


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
