"""Every setting, read from the environment; README.md has the table of the variables.

The defaults are the safe ones for production. Only `make demo` sets DEMO, and only then may a
protection be dropped (plain http on this machine's own loopback address).
"""
from kopa_portal.settings.api import *  # noqa: F403
from kopa_portal.settings.assembly import *  # noqa: F403
from kopa_portal.settings.backups import *  # noqa: F403
from kopa_portal.settings.database import *  # noqa: F403
from kopa_portal.settings.environment import *  # noqa: F403
from kopa_portal.settings.files import *  # noqa: F403
from kopa_portal.settings.identification import *  # noqa: F403
from kopa_portal.settings.languages import *  # noqa: F403
from kopa_portal.settings.mail import *  # noqa: F403
from kopa_portal.settings.operation import *  # noqa: F403
from kopa_portal.settings.sign_in import *  # noqa: F403
from kopa_portal.settings.wire import *  # noqa: F403
