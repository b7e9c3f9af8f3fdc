from django.apps import AppConfig


class SummariesConfig(AppConfig):
    name = "summaries"

    def ready(self) -> None:
        from pilots.registries import area_actions, area_sections, municipality_actions
        from summaries.sections import board_of_municipality, report_of_area, skills_of_area

        area_actions.add(10, report_of_area)
        municipality_actions.add(10, board_of_municipality)
        area_sections.add(10, skills_of_area)
