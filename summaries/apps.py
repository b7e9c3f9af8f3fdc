from django.apps import AppConfig


class SummariesConfig(AppConfig):
    name = "summaries"

    def ready(self) -> None:
        from accounts.personal import declarations
        from accounts.registries import due_jobs, guarded_tables
        from guidance.registries import desk_links, nightly_checks, partnership_links, pathway_changes, pathway_removals
        from pilots.registries import area_actions, area_sections, municipality_actions
        from summaries import personal
        from summaries.actions.counting_ahead import count_ahead
        from summaries.actions.folding import fold_summaries, mark, take_out
        from summaries.actions.freezing import freeze_ended_month
        from summaries.actions.publishing import publish_ended_month
        from summaries.actions.rebuilding import check_summaries
        from summaries.sections import (
            board_of_municipality,
            feed_of_area,
            figures_of_area,
            figures_of_clients,
            figures_of_municipality,
            figures_of_pathways,
            report_of_area,
            skills_of_area,
        )

        pathway_changes.add(50, mark)
        pathway_removals.add(50, take_out)
        nightly_checks.add(50, check_summaries)
        due_jobs.add(49, fold_summaries)
        due_jobs.add(50, freeze_ended_month)
        due_jobs.add(51, publish_ended_month)
        due_jobs.add(53, count_ahead)
        guarded_tables.add(60, "summaries_summarysnapshot")
        guarded_tables.add(61, "summaries_publishedcell")
        declarations.add(50, personal.DECLARED)
        desk_links.add(10, figures_of_pathways)
        area_actions.add(10, report_of_area)
        area_actions.add(20, figures_of_area)
        area_actions.add(90, feed_of_area)
        municipality_actions.add(20, figures_of_municipality)
        municipality_actions.add(10, board_of_municipality)
        partnership_links.add(10, figures_of_clients)
        area_sections.add(10, skills_of_area)
