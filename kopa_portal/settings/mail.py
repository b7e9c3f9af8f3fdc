"""Where mails go and what they come from."""
from kopa_portal.settings.environment import DEMO, env

vars().update(env.email("EMAIL_URL", default="consolemail://" if DEMO else "smtp://localhost:25"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="KOPA <no-reply@localhost>")
EMAIL_TIMEOUT = 10
# Where feedback goes; without it the page has no form and says so.
FEEDBACK_EMAIL = env.str("FEEDBACK_EMAIL", default="")
# The body that answers for the personal data; the privacy statement shows the gap until it is named.
CONTROLLER_NAME = env.str("CONTROLLER_NAME", default="")
