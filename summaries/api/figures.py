"""Published figures: as they were frozen at the end of each month, the same that the summary pages show to everybody."""
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers

from pilots.api.base import ListView
from summaries.choices import ScopeKind
from summaries.models import SummarySnapshot

TEXT = {"type": "string", "minLength": 1, "maxLength": 60}


class FigureData(serializers.Serializer):
    id = serializers.IntegerField()
    month = serializers.SerializerMethodField(help_text="Year and month, for example 2026-10.")
    figure = serializers.CharField(help_text="Its code; the portal's page of definitions tells what it counts.")
    of = serializers.ChoiceField(ScopeKind.choices, source="kind")
    code = serializers.CharField(allow_blank=True, help_text="The slug of the area or the code of the municipality; empty of the network.")
    value = serializers.IntegerField()
    frozen_on = serializers.DateField()

    def get_month(self, row: SummarySnapshot) -> str:
        return f"{row.month:%Y-%m}"


class FigureList(ListView):
    """Figures of the network, of each area and of each municipality, month by month."""

    serializer_class = FigureData
    own_parameters = {
        "month": ({"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"}, "Year and month."),
        "figure": (TEXT, "The code of the figure."),
        "of": ({"type": "string", "enum": list(ScopeKind.values)}, "Of what it is."),
        "code": (TEXT, "The slug of the area or the code of the municipality."),
    }

    def get_queryset(self) -> QuerySet[SummarySnapshot]:
        asked: dict[str, Any] = {name: value for name, value in self.request.query_params.items() if name in self.own_parameters}
        wrong = {name: [_("Do not write more than 60 characters, or any that are invisible.")] for name in ("figure", "code") if not asked.get(name, "x").isprintable() or len(asked.get(name, "")) > TEXT["maxLength"]}
        if "of" in asked and asked["of"] not in ScopeKind.values:
            wrong["of"] = [_("There is no such choice.")]
        if "month" in asked:
            try:
                asked["month"] = date.fromisoformat(f"{asked['month']}-01")
            except ValueError:
                wrong["month"] = [_("Write the month as 2026-10.")]
        if wrong:
            raise exceptions.ValidationError(wrong)
        return SummarySnapshot.objects.filter(**{"kind" if name == "of" else name: value for name, value in asked.items()})
