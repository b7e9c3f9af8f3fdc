from django.apps import AppConfig


class GuidanceConfig(AppConfig):
    name = "guidance"

    def ready(self) -> None:
        from accounts.notifications import notification_kinds
        from accounts.personal import declarations
        from accounts.registries import SealedLog, account_sections, due_jobs, guarded_tables, identity_owners, only_by_invitation, sealed_logs
        from guidance import notifications, personal
        from guidance.actions.caseload import forbid_ending_responsible
        from guidance.actions.checks import check_each_night
        from guidance.actions.enrolments import follow_enrolment
        from guidance.actions.erasure import remove_files
        from guidance.actions.expiry import end_expired_consents, end_over_today
        from guidance.actions.import_store import drop_old_lists
        from guidance.actions.ladder import climb_ladder
        from guidance.actions.ledger import tell_ledger
        from guidance.actions.retention import apply_retention
        from guidance.models import AccessLog, AccessLogSubject
        from guidance.own_identity import client_of_identity
        from guidance.queries import rights, waiting
        from guidance.queries.lead import leads_to_tell
        from guidance.queries.own_access import has_own_account
        from guidance.registries import before_pages
        from guidance.views.reader_naming import clients_data_section
        from pilots.registries import client_role_watchers, membership_end_guards, waiting_kinds
        from services.registries import enrolment_changed

        account_sections.add(40, clients_data_section)
        before_pages.add(50, end_over_today)
        due_jobs.add(4, end_expired_consents)
        due_jobs.add(5, climb_ladder)
        due_jobs.add(55, drop_old_lists)
        due_jobs.add(54, apply_retention)
        due_jobs.add(57, remove_files)
        due_jobs.add(58, tell_ledger)
        due_jobs.add(60, check_each_night)
        membership_end_guards.add(50, forbid_ending_responsible)
        client_role_watchers.add(50, leads_to_tell)
        identity_owners.add(50, client_of_identity)
        only_by_invitation.add(50, has_own_account)
        enrolment_changed.add(50, follow_enrolment)
        guarded_tables.add(50, "guidance_accesslog")
        guarded_tables.add(51, "guidance_accesslogsubject")
        sealed_logs.add(50, SealedLog("access", AccessLog, AccessLogSubject, "log_id"))
        declarations.add(40, personal.DECLARED)
        for place, one in enumerate([*waiting.KINDS, *rights.KINDS], 50):
            waiting_kinds.add(place, one)
        for place, kind in enumerate(notifications.KINDS, 60):
            notification_kinds.add(place, kind)
