from django.apps import AppConfig


class SummariesConfig(AppConfig):
    name = "summaries"

    def ready(self) -> None:
        from accounts.personal import declarations
        from accounts.registries import due_jobs, guarded_tables
        from pilots.registries import area_actions, area_sections, municipality_actions
        from summaries import personal
        from summaries.actions.freezing import freeze_ended_month
        from summaries.sections import board_of_municipality, figures_of_area, figures_of_municipality, report_of_area, skills_of_area

        due_jobs.add(50, freeze_ended_month)
        guarded_tables.add(60, "summaries_summarysnapshot")
        declarations.add(50, personal.DECLARED)
        area_actions.add(10, report_of_area)
        area_actions.add(20, figures_of_area)
        municipality_actions.add(20, figures_of_municipality)
        municipality_actions.add(10, board_of_municipality)
        area_sections.add(10, skills_of_area)
