from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import jobs, personal, registries
        from accounts import notifications as kinds
        from accounts.actions import notifications, outbox, seals, sessions
        from accounts.models import AuditEvent

        personal.declarations.add(10, personal.DECLARED)
        kinds.notification_kinds.add(10, kinds.ACCOUNT)
        # After the jobs of the apps above, which queue mail and read the sessions.
        registries.due_jobs.add(75, notifications.send_digests)
        registries.due_jobs.add(80, outbox.send_due_mail)
        registries.due_jobs.add(90, sessions.drop_ended_sessions)
        registries.due_jobs.add(91, notifications.drop_old_notifications)
        registries.due_jobs.add(78, jobs.return_jobs)
        registries.due_jobs.add(92, jobs.drop_done_jobs)
        # Last, for the nightly check of a large log takes minutes and mail must not wait for it.
        registries.due_jobs.add(95, seals.seal_new_rows)
        registries.due_jobs.add(96, seals.check_seals_each_night)
        registries.guarded_tables.add(10, "accounts_auditevent")
        registries.guarded_tables.add(11, "accounts_seal")
        registries.guarded_tables.add(12, "accounts_sealcheck")
        registries.sealed_logs.add(10, registries.SealedLog("audit", AuditEvent))
