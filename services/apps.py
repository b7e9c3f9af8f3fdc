from django.apps import AppConfig


class ServicesConfig(AppConfig):
    name = "services"

    def ready(self) -> None:
        from accounts.notifications import notification_kinds
        from accounts.personal import declarations
        from accounts.registries import due_jobs
        from pilots.registries import model_sections, search_sources, waiting_kinds
        from services import notifications, personal
        from services.actions.agreements import end_agreements
        from services.actions.busy import fetch_busy_times, tell_of_old_busy_times
        from services.actions.enrolments import expire_holds
        from services.actions.lists import drop_old_imports
        from services.filters import tell_of_what_is_new
        from services.queries.searched import search_services
        from services.queries.waiting import KINDS
        from services.views.model_section import services_of_model

        for place, kind in enumerate(KINDS, 30):
            waiting_kinds.add(place, kind)
        model_sections.add(10, services_of_model)
        search_sources.add(20, search_services)
        due_jobs.add(10, expire_holds)
        due_jobs.add(56, drop_old_imports)
        due_jobs.add(70, tell_of_what_is_new)
        # Last of all: other people's servers may be slow.
        due_jobs.add(98, fetch_busy_times)
        due_jobs.add(99, tell_of_old_busy_times)
        due_jobs.add(11, end_agreements)
        declarations.add(30, personal.DECLARED)
        for place, kind in enumerate(notifications.KINDS, 40):
            notification_kinds.add(place, kind)
