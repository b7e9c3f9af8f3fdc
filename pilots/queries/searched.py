"""The kinds of thing that the network's search source looks through, and what each row says of itself."""
from django.db.models import Case, CharField, F, TextField, Value, When
from django.db.models.functions import Coalesce, Concat
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.addresses import address
from accounts.templatetags.kopa import short_date
from pilots.choices import ContactTask, ObstacleKind, ObstacleStatus, OrganisationKind, PublicationKind, PublicationState, UnitKind
from pilots.models import Contact, CooperationModel, Membership, Municipality, Obstacle, Organisation, Publication, Unit
from pilots.queries.contacts import PLACES
from pilots.queries.network import areas_in_order
from pilots.queries.obstacles import seen_by
from pilots.queries.search import Kind, Row, search
from pilots.registries import Asked, Passage, SearchGroup, SearchHit
from pilots.words import holds, marked

# The order of the groups on the page; other sources take places between them.
MUNICIPALITIES, AREAS, MODELS, OBSTACLES, ORGANISATIONS, UNITS, CALL, PUBLICATIONS = 10, 20, 30, 40, 60, 61, 70, 80


def search_network(asked: Asked, acting: Membership | None) -> list[SearchGroup]:
    """All of it is open to everyone."""
    groups = search(asked, KINDS)
    tasks = [task for task in ContactTask if holds(str(task.label), asked.words)]
    return [*(group for group in groups if group.code != "contacts"), *_whom_to_call(tasks, [group for group in groups if group.code == "contacts"], asked)]


def _whom_to_call(tasks: list[ContactTask], people: list[SearchGroup], asked: Asked) -> list[SearchGroup]:
    """What one may call about leads to the list of those who answer; the people found by name or title stand below."""
    hits = [SearchHit(f"{address('pilots:contact_list')}?task={task.value}", Passage(marked(capfirst(str(task.label)), asked.words))) for task in tasks]
    found = [hit for group in people for hit in group.hits]
    count = len(hits) + sum(group.count for group in people)
    return [SearchGroup("contacts", CALL, gettext_lazy("Whom to call"), [*hits, *found], count, list_url=address("pilots:contact_list"), list_label=gettext_lazy("All contact people"))] if count else []


def _of_model(row: Row, language: str) -> list[str]:
    return [_("Kept by %(name)s") % {"name": row.owner(language)}]


def _of_obstacle(row: Row, language: str) -> list[str]:
    kind, _at, status = row.fact.partition(":")
    return [capfirst(str(ObstacleKind(kind).label)), capfirst(str(ObstacleStatus(status).label))]


def _of_municipality(row: Row, language: str) -> list[str]:
    ended = [_("Ended on %(day)s") % {"day": short_date(row.until)}] if row.until else []
    return [_("Municipality code %(code)s") % {"code": row.key}, *ended]


def _of_organisation(row: Row, language: str) -> list[str]:
    return [capfirst(str(OrganisationKind(row.fact).label))]


def _of_unit(row: Row, language: str) -> list[str]:
    return [capfirst(str(UnitKind(row.fact).label)), _("Owner: %(name)s") % {"name": row.owner(language)}]


def _of_contact(row: Row, language: str) -> list[str]:
    return [capfirst(str(ContactTask(row.fact).label)), row.owner(language)]


def _page_of_contact(row: Row) -> str:
    """The page of the area, organisation or unit that the person belongs to."""
    kind, _at, slug = row.key.partition(":")
    return address(f"pilots:{kind}_detail", slug)


KINDS = (
    Kind(
        "municipalities", MUNICIPALITIES, pgettext_lazy("heading", "Municipalities"), Municipality.objects.all, "pilots:municipality_detail", {"key": "code", "until": "valid_to"},
        facts=_of_municipality, also="code", list_page="pilots:municipality_list", list_label=gettext_lazy("All municipalities with these words"),
    ),
    Kind(
        "areas", AREAS, gettext_lazy("Pilot areas"), lambda: areas_in_order().select_related(None), "pilots:area_detail", {"key": "slug", "text_fi": "quote"},
        list_page="pilots:area_list", list_label=gettext_lazy("All areas with these words"),
    ),
    Kind(
        "models", MODELS, gettext_lazy("Cooperation models"), lambda: CooperationModel.objects.filter(state=PublicationState.PUBLIC), "pilots:model_detail",
        {
            "key": "pk", "owner_fi": Coalesce("area__name_fi", "organisation__name_fi"), "owner_sv": Coalesce("area__name_sv", "organisation__name_sv"),
            **{f"text_{language}": Concat(f"summary_{language}", Value("\n\n"), f"body_{language}", Value("\n\n"), f"lessons_{language}", output_field=TextField()) for language in ("fi", "sv")},
        },
        facts=_of_model, list_page="pilots:model_list", list_label=gettext_lazy("All cooperation models with these words"),
    ),
    Kind(
        "obstacles", OBSTACLES, gettext_lazy("Obstacles"), lambda: Obstacle.objects.filter(seen_by(None)), "pilots:obstacle_detail",
        {"key": "pk", "fact": Concat("kind", Value(":"), "status"), "text_fi": "description_fi", "text_sv": "description_sv"},
        facts=_of_obstacle, list_page="pilots:obstacle_list", list_label=gettext_lazy("All obstacles with these words"),
    ),
    Kind(
        "publications", PUBLICATIONS, gettext_lazy("Publications"), lambda: Publication.objects.filter(archived_at=None), "pilots:publication_detail",
        {"key": "pk", "fact": "kind", "short": "author", "text_fi": "summary_fi", "text_sv": "summary_sv"},
        facts=lambda row, language: [capfirst(str(PublicationKind(row.fact).label))], list_page="pilots:publication_list", list_label=gettext_lazy("All publications with these words"),
    ),
    # A municipality as a body is left out: the municipality itself is there.
    Kind(
        "organisations", ORGANISATIONS, gettext_lazy("Organisations"), lambda: Organisation.objects.exclude(kind=OrganisationKind.MUNICIPALITY, municipality__isnull=False), "pilots:organisation_detail",
        {"key": "slug", "short": "short_name", "fact": "kind"}, facts=_of_organisation, also="business_id",
        list_page="pilots:organisation_list", list_label=gettext_lazy("All organisations with these words"),
    ),
    Kind(
        "units", UNITS, gettext_lazy("Units"), Unit.objects.all, "pilots:unit_detail",
        {"key": "slug", "short": "short_name", "fact": "kind", "owner_fi": "owner__name_fi", "owner_sv": "owner__name_sv"}, facts=_of_unit,
    ),
    Kind(
        "contacts", CALL, gettext_lazy("Whom to call"), lambda: Contact.objects.filter(ended_on=None), "",
        {
            "key": Case(*(When(**{f"{place}__isnull": False}, then=Concat(Value(f"{place}:"), F(f"{place}__slug"))) for place in PLACES), output_field=CharField()), "short": "name", "fact": "task", "text_fi": "title_fi", "text_sv": "title_sv",
            "owner_fi": Coalesce("area__name_fi", "organisation__name_fi", "unit__name_fi"), "owner_sv": Coalesce("area__name_sv", "organisation__name_sv", "unit__name_sv"),
        },
        facts=_of_contact, inside=("name", "title_fi", "title_sv"), order=lambda: "name", url=_page_of_contact,
    ),
)  # fmt: skip
