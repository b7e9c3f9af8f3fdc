from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "kopa_portal"

    def ready(self) -> None:
        from accounts.registries import due_jobs
        from kopa_portal import checks  # noqa: F401 - registers them
        from kopa_portal.operation.sweeping import sweep_files_each_night

        # After whatever somebody waits for.
        due_jobs.add(97, sweep_files_each_night)
