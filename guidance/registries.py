"""Where lower modules of guidance ask upper ones; filled from `apps.py`."""
from collections.abc import Callable

from accounts.registries import Registry

# Done before each page that shows a client, in a transaction of its own; each sees to it that it costs nothing when there is nothing to do.
before_pages: Registry[Callable[[], None]] = Registry("before_pages")
