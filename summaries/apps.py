from django.apps import AppConfig


class SummariesConfig(AppConfig):
    name = "summaries"

    def ready(self) -> None:
        from pilots.registries import area_actions
        from summaries.sections import report_of_area

        area_actions.add(10, report_of_area)
