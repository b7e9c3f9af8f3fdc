"""The source's two figures, drawn from the table of moves, with the number of the viewer's own clients at each step."""
from dataclasses import dataclass, field

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from guidance.choices import MOVES, SOURCE_STAGE_PARTS, Actor, OptionKind, Part, Requirement, Stage
from guidance.figures.kuvio1 import Look, draw_kuvio1
from guidance.figures.kuvio2 import CONSIDER, FIND_OUT, SQUARE, SUPPORT, draw_kuvio2, names
from guidance.figures.shapes import Mark, set_marks
from guidance.figures.source import ADVISERS, BANDS, CONSIDER_QUOTE, CONSIDERED, KUVIO_1, MAPPED, MAPPING_QUOTE, SQUARE_QUOTE, SUPPORT_QUOTE
from guidance.models import Partnership, PartnershipPart
from guidance.queries.own import count_by_option, count_by_stage
from guidance.reading import client_page


@dataclass(frozen=True)
class LegendRow:
    mark: Mark
    part: str
    organisations: list[str]


@dataclass(frozen=True)
class StepRow:
    name: str
    parts: str
    quote: str
    count: int | None = None
    url: str = ""
    inferred: bool = False
    is_own: bool = False


@dataclass(frozen=True)
class MoveRow:
    source: str
    target: str
    who: str
    needs: list[str] = field(default_factory=list)


@require_http_methods(["GET", "HEAD"])
@client_page
def figure_kuvio1(request: HttpRequest, slug: str) -> HttpResponse:
    partnership, parts = _own_partnership(request, slug)
    request.reading.counts_only()
    counts = count_by_stage(request.acting, partnership.pk)

    def look(stage: str) -> Look:
        return _counted(str(Stage(stage).label), counts.get(stage, 0), {"stage": stage})

    shown = {part for stage in Stage for part in partnership.parts_of_stage(stage)} | {part for band in BANDS for part in band.parts}
    context = {
        "drawings": [draw_kuvio1(shape, look, stage_parts=partnership.stage_parts) for shape in ("wide", "narrow")],
        "steps": [
            StepRow(
                str(Stage(step.stage).label), _part_names(partnership.parts_of_stage(step.stage)), step.quote, counts.get(step.stage, 0), look(step.stage).url, step.inferred,
                is_own=partnership.parts_of_stage(step.stage) != SOURCE_STAGE_PARTS[step.stage],
            )
            for step in KUVIO_1
        ],
        "bands": [StepRow(str(band.title), _part_names(band.parts), band.quote) for band in BANDS],
        "moves": [_move_row(move) for move in MOVES],
        "legend": _legend(parts, "triangle", [part for part in Part if part in shown]),
        "is_own": any(partnership.parts_of_stage(stage) != SOURCE_STAGE_PARTS[stage] for stage in Stage),
    }
    return render(request, "guidance/figure_kuvio1.html", context | _frame(partnership, _("From unemployment to a qualification"), sum(counts.values())))


@require_http_methods(["GET", "HEAD"])
@client_page
def figure_kuvio2(request: HttpRequest, slug: str) -> HttpResponse:
    partnership, parts = _own_partnership(request, slug)
    request.reading.counts_only()
    stages, options = count_by_stage(request.acting, partnership.pk), count_by_option(request.acting, partnership.pk)
    words, total = names(), sum(stages.values())

    def look(key: str) -> Look:
        if key == SQUARE:
            return Look(url=reverse("guidance:drop_in_list"), spoken=words[key])
        if key == SUPPORT:
            return _counted(words[key], total, {})
        if key == FIND_OUT:
            return _counted(words[key], stages.get(Stage.MAPPING, 0), {"stage": Stage.MAPPING.value})
        if key == CONSIDER:
            return Look()
        return _counted(words[key], options.get(key, 0), {"option": key})

    def row(key: str, quote: str, parts: str = "") -> StepRow:
        seen = look(key)
        counted = key not in (SQUARE, CONSIDER)
        return StepRow(words[key], parts, quote, _count_of(key, total, stages, options) if counted else None, seen.url)

    there = {part.part for part in parts}
    advisers = [adviser for adviser in ADVISERS if adviser.part in there]
    context = {
        "drawings": [draw_kuvio2(shape, look, parts=there) for shape in ("wide", "narrow")],
        "steps": [
            row(SUPPORT, SUPPORT_QUOTE, _part_names(tuple(dict.fromkeys(adviser.part for adviser in advisers)))),
            row(SQUARE, SQUARE_QUOTE, _part_names((Part.EMPLOYMENT,))),
            row(CONSIDER, CONSIDER_QUOTE),
            *(row(kind, "") for kind in CONSIDERED),
            row(FIND_OUT, MAPPING_QUOTE, _part_names(partnership.parts_of_stage(Stage.MAPPING))),
            *(row(kind, "") for kind in MAPPED),
        ],
        "advisers": [StepRow(str(adviser.title), _part_names((adviser.part,)), "", inferred=adviser.colour_inferred) for adviser in advisers],
        "legend": _legend(parts, "point", [part for part in Part if part in there]),
    }
    return render(request, "guidance/figure_kuvio2.html", context | _frame(partnership, _("The client's guidance process"), total))


def _own_partnership(request: HttpRequest, slug: str) -> tuple[Partnership, list[PartnershipPart]]:
    """The partnership with its parts, when the organisation acted for is one of them."""
    parts = list(PartnershipPart.objects.filter(partnership__slug=slug).select_related("partnership", "organisation").order_by("position", "id"))
    if not any(part.organisation_id == request.acting.organisation_id for part in parts):
        raise Http404
    return parts[0].partnership, parts


def _frame(partnership: Partnership, title: str, total: int) -> dict:
    count = ngettext("%(count)s open client of yours", "%(count)s open clients of yours", total) % {"count": number_format(total, force_grouping=True)}
    return {
        "partnership": partnership,
        "total_text": count,
        "breadcrumbs": [(_("Waiting for me"), reverse("guidance:waiting")), (partnership.name, reverse("guidance:partnership_detail", args=[partnership.slug])), (title, "")],
    }


def _counted(name: str, count: int, narrow: dict) -> Look:
    words = ngettext("%(name)s: %(count)s of your clients", "%(name)s: %(count)s of your clients", count) % {"name": name, "count": number_format(count, force_grouping=True)}
    url = f"{reverse('guidance:client_list')}?{urlencode({'mine': '1'} | narrow)}"
    return Look("" if count else "is-empty", number_format(count, force_grouping=True), url, words)


def _count_of(key: str, total: int, stages: dict, options: dict) -> int:
    if key == SUPPORT:
        return total
    return stages.get(Stage.MAPPING, 0) if key == FIND_OUT else options.get(OptionKind(key), 0)


def _part_names(parts: tuple[str, ...]) -> str:
    return ", ".join(capfirst(str(Part(part).label)) for part in parts)


def _legend(parts: list[PartnershipPart], shape: str, codes: list[Part]) -> list[LegendRow]:
    return [LegendRow(set_marks((code,), 1, 1, shape)[0], str(Part(code).label), [part.organisation.name for part in parts if part.part == code]) for code in codes]


def _move_row(move) -> MoveRow:
    who = ", ".join(str(actor.label) for actor in Actor if actor in move.who)
    return MoveRow(str(Stage(move.source).label), str(Stage(move.target).label), who, [str(Requirement(need).label) for need in move.needs])
