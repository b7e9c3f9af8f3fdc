from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import registries
        from accounts.actions import outbox, sessions

        # After the jobs of the apps above, which queue mail and read the sessions.
        registries.due_jobs.add(80, outbox.send_due_mail)
        registries.due_jobs.add(90, sessions.drop_ended_sessions)
        registries.guarded_tables.add(10, "accounts_auditevent")
