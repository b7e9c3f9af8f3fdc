"""What areas do together, and what stands in the way: cooperation models and obstacles."""
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from rest_framework import serializers

from accounts.templatetags.kopa import content_in, page_language
from pilots.api.base import DetailView, ListView
from pilots.api.fields import Codes, Label, NamedCode, Texts, Thing
from pilots.choices import ModelStatus, ObstacleKind, ObstacleStatus, ProposalStatus, PublicationState, Remover, ResultTag
from pilots.filters import named
from pilots.filters.cooperation import CooperationFilterSet
from pilots.filters.obstacles import ObstacleFilterSet
from pilots.models import CooperationModel, ModelPartner, Obstacle, ObstacleSupport, Proposal
from pilots.queries import network
from pilots.queries.cooperation import listed_models, visible_models
from pilots.queries.obstacles import obstacles_in_list, proposals_seen_by, visible_obstacles


def goal_choices() -> list[tuple[str, str]]:
    return [(str(goal.number), content_in(goal, "title", page_language())[0]) for goal in network.goals()]


class GoalServed(serializers.Serializer):
    number = serializers.IntegerField(source="goal.number")
    how = Texts("how")


class ModelRow(Thing):
    id = serializers.IntegerField()
    state = serializers.ChoiceField([choice for choice in PublicationState.choices if choice[0] != PublicationState.DRAFT])
    summary = Texts("summary")
    area = NamedCode(allow_null=True, help_text="The area that keeps it; else an organisation does.")
    organisation = NamedCode(allow_null=True)
    status = serializers.SerializerMethodField()
    status_label = serializers.SerializerMethodField()
    goals = GoalServed(many=True)
    is_demo = serializers.BooleanField(help_text="Invented, for showing the portal.")
    published_at = serializers.DateTimeField()
    check_by = serializers.DateField(allow_null=True)

    def get_status(self, model: CooperationModel) -> str:
        """How far it has come today; empty when it is not told."""
        return next((row.status for row in model.open_statuses), "")

    def get_status_label(self, model: CooperationModel) -> str:
        code = self.get_status(model)
        return str(ModelStatus(code).label) if code else ""


class PartnerData(serializers.Serializer):
    name = serializers.CharField()
    organisation = serializers.CharField(source="organisation.slug", default=None, allow_null=True)
    unit = serializers.CharField(source="unit.slug", default=None, allow_null=True)
    actions = Texts("actions")
    contribution = Texts("contribution")
    euros = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True, help_text="A year, as text with two decimals.")


class StatusData(serializers.Serializer):
    status = serializers.ChoiceField(ModelStatus.choices)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)


class ResultData(serializers.Serializer):
    about = serializers.ChoiceField(ResultTag.choices, source="tag")
    text = Texts("text")
    figure = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    unit = serializers.CharField(allow_blank=True)
    measured_on = serializers.DateField(allow_null=True)
    how = Texts("how")


class LinkData(serializers.Serializer):
    title = serializers.CharField()
    url = serializers.CharField()


class ModelData(ModelRow):
    body = Texts("body", help_text="Markdown.")
    cost = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True, help_text="Euros a year.")
    cost_in_words = Texts("cost")
    lessons = Texts("lessons", help_text="Markdown.")
    education_forms = Codes("code")
    municipalities = Codes("code", help_text="Codes of the municipalities whose borders it crosses, where they are stated.")
    partners = PartnerData(many=True)
    statuses = StatusData(many=True)
    results = ResultData(many=True)
    links = LinkData(many=True)
    source = serializers.CharField()


class ModelList(ListView):
    """Cooperation models that are public today."""

    filters, serializer_class = CooperationFilterSet, ModelRow

    def get_queryset(self) -> QuerySet[CooperationModel]:
        return listed_models()

    def filterset(self, rows: QuerySet) -> CooperationFilterSet:
        return CooperationFilterSet(self.request.query_params, rows, goal=goal_choices(), form=named(network.education_forms(), "code"), area=named(network.areas_in_order(), "slug"))


class ModelDetail(DetailView):
    """One cooperation model; one that is archived can still be read."""

    serializer_class = ModelData

    def find(self) -> CooperationModel:
        model = visible_models(None).select_related("area", "organisation").prefetch_related(Prefetch("partners", ModelPartner.objects.select_related("organisation", "unit"))).filter(pk=self.kwargs["pk"]).first()
        if model is None:
            raise Http404
        model.goals = list(model.served_goals.select_related("goal"))
        model.open_statuses = [row for row in model.statuses.all() if row.ends_on is None]
        return model


class ObstacleRow(Thing):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(ObstacleKind.choices)
    kind_label = Label("kind")
    status = serializers.ChoiceField(ObstacleStatus.choices)
    status_label = Label("status")
    removers = serializers.ListField(child=serializers.ChoiceField(Remover.choices), help_text="Who can remove it.")
    reported_by = NamedCode()
    support_count = serializers.IntegerField(help_text="How many areas are behind it beside the one that reported it.")
    is_demo = serializers.BooleanField(help_text="Invented, for showing the portal.")
    published_at = serializers.DateTimeField()


class SupportData(serializers.Serializer):
    area = NamedCode()
    reason = Texts("reason")
    given_at = serializers.DateTimeField()


class ProposalData(serializers.Serializer):
    id = serializers.IntegerField()
    text = Texts("text")
    addressee = serializers.ChoiceField(Remover.choices)
    status = serializers.ChoiceField([choice for choice in ProposalStatus.choices if choice[0] != ProposalStatus.DRAFT])
    area = NamedCode(allow_null=True)
    made_on = serializers.DateField()
    handed_over_on = serializers.DateField(allow_null=True)
    answered_on = serializers.DateField(allow_null=True)
    answer = Texts("answer")


class ObstacleData(ObstacleRow):
    description = Texts("description")
    evidence = Texts("evidence")
    evidence_links = serializers.SerializerMethodField()
    areas = NamedCode(many=True, help_text="Where it bites.")
    education_forms = Codes("code")
    goals = Codes("number")
    supports = SupportData(many=True)
    proposals = ProposalData(many=True)
    answer = Texts("answer")
    answered_at = serializers.DateTimeField(allow_null=True)
    check_by = serializers.DateField(allow_null=True)

    def get_evidence_links(self, obstacle: Obstacle) -> list[str]:
        return obstacle.evidence_links.splitlines()


class ObstacleList(ListView):
    """Obstacles that areas have told of."""

    filters, serializer_class = ObstacleFilterSet, ObstacleRow

    def get_queryset(self) -> QuerySet[Obstacle]:
        return obstacles_in_list(None)

    def filterset(self, rows: QuerySet) -> ObstacleFilterSet:
        return ObstacleFilterSet(self.request.query_params, rows, area=named(network.areas_in_order(), "slug"), form=named(network.education_forms(), "code"), goal=goal_choices())


class ObstacleDetail(DetailView):
    """One obstacle with the proposals that have been made."""

    serializer_class = ObstacleData

    def find(self) -> Obstacle:
        supports = Prefetch("supports", ObstacleSupport.objects.select_related("area"))
        proposals = Prefetch("proposals", Proposal.objects.filter(proposals_seen_by(None)).select_related("area").order_by("pk"))
        found: Any = visible_obstacles(None).select_related("reported_by").prefetch_related(supports, proposals).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        found.support_count = len(found.supports.all())
        return found
