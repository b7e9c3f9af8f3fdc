from django.apps import AppConfig


class PilotsConfig(AppConfig):
    name = "pilots"

    def ready(self) -> None:
        from accounts.registries import account_sections, due_jobs
        from pilots.actions import lapse, people
        from pilots.registries import membership_end_guards
        from pilots.views.people import account_section

        # "Last used" is read before the job of accounts drops old sessions (90), mail is queued before it goes out (80).
        due_jobs.add(20, lapse.note_last_use)
        due_jobs.add(30, lapse.warn_of_unused)
        due_jobs.add(40, lapse.lapse_unused)
        membership_end_guards.add(10, people.keep_an_administrator)
        account_sections.add(10, account_section)
