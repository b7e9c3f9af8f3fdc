from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "kopa_portal"

    def ready(self) -> None:
        from kopa_portal import checks  # noqa: F401 - registers them
