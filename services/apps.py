from django.apps import AppConfig


class ServicesConfig(AppConfig):
    name = "services"

    def ready(self) -> None:
        from accounts.registries import due_jobs
        from services.actions.enrolments import expire_holds
        from services.filters import tell_of_what_is_new

        due_jobs.add(10, expire_holds)
        due_jobs.add(70, tell_of_what_is_new)
