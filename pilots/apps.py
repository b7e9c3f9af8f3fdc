from django.apps import AppConfig


class PilotsConfig(AppConfig):
    name = "pilots"

    def ready(self) -> None:
        from accounts.actions.sessions import drop_ended_sessions
        from accounts.notifications import notification_kinds
        from accounts.personal import declarations
        from accounts.registries import account_sections, due_job_needs, due_jobs
        from pilots import notifications, personal
        from pilots.actions import cooperation, figures, lapse, people, reminders
        from pilots.queries.searched import search_network
        from pilots.queries.tokens import forget_counts
        from pilots.queries.waiting_kinds import KINDS
        from pilots.registries import membership_end_guards, search_sources, waiting_kinds
        from pilots.views.people import account_section

        # "Last used" is read before the job of accounts drops old sessions (90), mail is queued before it goes out (80).
        due_jobs.add(20, lapse.note_last_use)
        due_jobs.add(30, lapse.warn_of_unused)
        due_jobs.add(40, lapse.lapse_unused)
        due_jobs.add(45, cooperation.remind_of_models)
        due_jobs.add(46, reminders.remind_of_obstacles)
        due_jobs.add(47, reminders.remind_of_provisions)
        due_jobs.add(59, figures.discard_unfinished)
        due_jobs.add(93, forget_counts)
        # Where the use is not noted, nobody is warned or loses a right for it, and the sessions that tell of it stay.
        for place, job in ((30, lapse.warn_of_unused), (40, lapse.lapse_unused), (90, drop_ended_sessions)):
            due_job_needs.add(place, (job, lapse.note_last_use))
        membership_end_guards.add(10, people.keep_an_administrator)
        account_sections.add(10, account_section)
        for place, kind in enumerate(KINDS, 10):
            waiting_kinds.add(place, kind)
        search_sources.add(10, search_network)
        declarations.add(20, personal.DECLARED)
        for place, kind in enumerate(notifications.KINDS, 20):
            notification_kinds.add(place, kind)
