"""What the models of an area, or of a municipality's organisation, say in a document."""
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Q
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.templatetags.kopa import short_date
from pilots.choices import ModelStatus, PublicationState, ResultTag
from pilots.markdown import plain
from pilots.models import CooperationModel, ModelPartner, ModelResult
from pilots.models.base import sort_field
from pilots.models.cooperation import status_on
from pilots.queries.network import goals
from summaries.outline import Block, Cell, Facts, Items, Paragraph, Section, Table, Text, named, said

WITH = ("statuses", "served_goals__goal", "partners__organisation", "partners__unit", "results", "education_forms", "municipalities")


def public_models(condition: Q) -> list[CooperationModel]:
    """By name, with all that a document says of them; drafts and what is archived are in no document."""
    found = CooperationModel.objects.filter(condition, state=PublicationState.PUBLIC).select_related("area", "organisation", "contact")
    return list(found.prefetch_related(*WITH).order_by(sort_field(), "pk"))


def count_by_status(models: Sequence[CooperationModel], today: date) -> list[tuple[str, int]]:
    """All four, none left out: that there is none in use is a result, too."""
    statuses = [status_on(model, today) for model in models]
    return [(capfirst(str(status.label)), statuses.count(status)) for status in ModelStatus]


def status_words(model: CooperationModel, today: date) -> str:
    """How far it has come, and since when."""
    now = next((row for row in model.statuses.all() if row.starts_on <= today and (row.ends_on is None or row.ends_on > today)), None)
    if now is None:
        return _("not told")
    if now.status == ModelStatus.ENDED:
        return pgettext("cooperation model", "Ended on %(day)s") % {"day": short_date(now.starts_on)}
    return _("%(status)s since %(day)s") % {"status": capfirst(str(ModelStatus(now.status).label)), "day": short_date(now.starts_on)}


def goals_section(models: Sequence[CooperationModel], today: date) -> Section:
    rows: list[list[Cell]] = []
    for goal in goals():
        serving = [model for model in models if any(row.goal_id == goal.pk for row in model.served_goals.all())]
        words = "; ".join(f"{model.name} ({status_words(model, today)})" for model in serving) or _("none yet")
        rows.append([said(goal, "title"), number_format(len(serving)), words])
    return Section("goals", _("The five goals of KOPA"), [Table(_("Which models serve which goal, on %(day)s") % {"day": short_date(today)}, [_("Goal"), _("Models"), _("Which, and how far they have come")], rows, frozenset({1}))])


def model_sections(models: Sequence[CooperationModel], today: date) -> list[Section]:
    head = Section("models", _("Cooperation models"))
    if not models:
        head.blocks.append(Paragraph(_("No cooperation model has been published."), is_soft=True))
    return [head, *(_model(model, today) for model in models)]


def _model(model: CooperationModel, today: date) -> Section:
    facts: list[tuple[str, Cell]] = [(_("Status"), status_words(model, today))]
    if forms := ", ".join(form.name for form in model.education_forms.all()):
        facts.append((_("Forms of education"), forms))
    if model.cost is not None:
        facts.append((_("Cost"), _("%(euros)s euros a year") % {"euros": _euros(model.cost)}))
    if said(model, "cost").words:
        facts.append((_("Who bears the cost"), _plain(model, "cost")))
    blocks: list[Block] = [Paragraph(_plain(model, "summary")), Facts(facts)]
    if partners := model.partners.all():
        blocks.append(Table(_("What each partner does and gives"), [_("Partner"), _("Does"), _("Gives"), _("Euros a year")], [_partner(row) for row in partners], frozenset({3})))
    if results := model.results.all():
        blocks.append(Table(_("Results"), [_("Result"), _("About"), _("Figure"), _("Measured on"), _("How it was measured")], [_result(row) for row in results], frozenset({2})))
    else:
        blocks.append(Paragraph(_("No results have been told yet."), is_soft=True))
    blocks.append(Paragraph(_("Source: %(source)s") % {"source": model.source}, is_soft=True))
    return Section(f"model-{model.pk}", named(model), blocks, level=3)


def _partner(row: ModelPartner) -> list[Cell]:
    return [said(row.body, "name") if row.body else row.outside, _plain(row, "actions"), said(row, "contribution"), _euros(row.euros)]


def _result(row: ModelResult) -> list[Cell]:
    figure = f"{number_format(row.figure.normalize() if row.figure else row.figure, force_grouping=True)} {row.unit}".strip() if row.figure is not None else ""
    return [said(row, "text"), capfirst(str(ResultTag(row.tag).label)), figure, short_date(row.measured_on), said(row, "how")]


def lessons_section(models: Sequence[CooperationModel]) -> Section:
    items = [Text(f"{model.name}: {_plain(model, 'lessons')}", _plain(model, "lessons").language) for model in models if said(model, "lessons").words]
    return Section("lessons", _("Lessons"), [Items(items)] if items else [Paragraph(_("No lessons have been told yet."), is_soft=True)])


def _plain(thing: object, field: str) -> Text:
    text = said(thing, field)
    return Text(plain(text.words), text.language)


def _euros(amount: Decimal | None) -> str:
    return number_format(amount, decimal_pos=0, force_grouping=True) if amount is not None else ""
