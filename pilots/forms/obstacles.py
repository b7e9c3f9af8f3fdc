"""Forms of obstacles and proposals."""
from urllib.parse import urlsplit

from django import forms
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.templatetags.kopa import content_in, page_language
from pilots.choices import OBSTACLE_MOVES, PROPOSAL_MOVES, ObstacleKind, ObstacleStatus, ProposalStatus, Remover
from pilots.forms.days import DayField
from pilots.forms.editing import TEXT_LENGTH, LinesField, sentence_case, version_field
from pilots.models import EducationForm, Goal, Obstacle, PilotArea, Proposal

MOST_LINKS = 10
REASON_LENGTH = 500


def text_field(label: str, language: str, *, hint: str = "", rows: int = 6, length: int = TEXT_LENGTH) -> LinesField:
    """A text in one language; it may be left empty, for the other language will do."""
    return LinesField(label=label, required=False, max_length=length, help_text=hint, widget=forms.Textarea(attrs={"rows": rows, "lang": language}))


def title_field(label: str, language: str, *, hint: str = "", length: int = 200) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=length, help_text=hint, widget=forms.TextInput(attrs={"lang": language, "autocomplete": "off"}))


class KeysField(forms.TypedMultipleChoiceField):
    """Boxes to tick, the keys of what was ticked as a sorted list."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs) -> None:
        super().__init__(coerce=int, required=False, **kwargs)

    def clean(self, value):
        return sorted(super().clean(value))


class ObstacleForm(forms.Form):
    """What stands in the way; `version` guards a row that exists, a new one has 0."""

    version = version_field()
    name_fi = title_field(pgettext_lazy("heading", "Title in Finnish"), "fi", hint=_("What stands in the way, in a few words. One of the two languages is enough."))
    name_sv = title_field(pgettext_lazy("heading", "Title in Swedish"), "sv")
    kind = forms.ChoiceField(label=_("Kind"), choices=sentence_case(ObstacleKind), widget=forms.RadioSelect)
    description_fi = text_field(_("Description in Finnish"), "fi", hint=_("What happens, to whom and how often. Markdown works: **bold**, - list, [words](https://…)."))
    description_sv = text_field(_("Description in Swedish"), "sv")
    areas = KeysField(label=_("Areas where it bites"), help_text=_("Leave all empty when it bites everywhere."))
    education_forms = KeysField(label=_("Forms of education"))
    goals = KeysField(label=_("Goals of KOPA that it stands in the way of"))
    removers = forms.MultipleChoiceField(
        label=_("Who can remove it"), choices=sentence_case(Remover), widget=forms.CheckboxSelectMultiple, error_messages={"required": _("Choose at least one who can remove it.")}
    )
    evidence_fi = text_field(_("Evidence in Finnish"), "fi", hint=_("What shows that it is so: figures, decisions, cases without people’s names."), rows=4)
    evidence_sv = text_field(_("Evidence in Swedish"), "sv", rows=4)
    evidence_links = LinesField(
        label=_("Links to evidence"), required=False, max_length=2000, help_text=_("One address a line, for example https://www.kuntaliitto.fi/."), widget=forms.Textarea(attrs={"rows": 3})
    )
    check_by = DayField(label=_("Check again by"), required=False, help_text=_("The day by which somebody should look whether this still holds, for example 3.2.2027."))

    # What everybody fills in lies open, the rest in closed parts.
    GROUPS = (
        (_("The obstacle"), ("name_fi", "name_sv", "kind", "description_fi", "description_sv")),
        (_("Who can remove it"), ("removers",)),
    )
    CLOSED_GROUPS = (
        ("where", _("Where it bites"), ("areas", "education_forms", "goals")),
        ("evidence", _("Evidence"), ("evidence_fi", "evidence_sv", "evidence_links")),
        ("upkeep", _("Keeping it up to date"), ("check_by",)),
    )

    def __init__(self, *args, areas: list[PilotArea], education_forms: list[EducationForm], goals: list[Goal], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["areas"].choices = [(area.pk, area.name) for area in areas]
        self.fields["education_forms"].choices = [(form.pk, capfirst(content_in(form, "name", page_language())[0])) for form in education_forms]
        self.fields["goals"].choices = [(goal.pk, f"{goal.number}. {content_in(goal, 'title', page_language())[0]}") for goal in goals]

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(legend, [self[name] for name in names]) for legend, names in self.GROUPS]

    def closed_groups(self) -> list[tuple[str, str, list[forms.BoundField], bool]]:
        """The last of each says whether it is shown open: something is written there, or wrong. The area that a new obstacle begins with is nobody's writing."""
        if self.initial.get("version"):
            written = {name for name in self.fields if self[name].value()}
        else:
            written = set(self.changed_data) if self.is_bound else set()
        return [(code, legend, [self[name] for name in names], bool({*written, *self.errors} & {*names})) for code, legend, names in self.CLOSED_GROUPS]

    def clean_evidence_links(self) -> str:
        links = [line.strip() for line in self.cleaned_data["evidence_links"].splitlines() if line.strip()]
        if len(links) > MOST_LINKS:
            raise forms.ValidationError(_("Give ten addresses at most."))
        for link in links:
            try:
                URLValidator(schemes=["http", "https"])(link)
            except forms.ValidationError:
                raise forms.ValidationError(_("“%(link)s” is not a web address. Write it whole, beginning with https://."), params={"link": link[:100]}) from None
        return "\n".join(links)

    def clean_removers(self) -> list[str]:
        """In the order in which they are kept, so that two that say the same are the same."""
        return [code for code in Remover.values if code in self.cleaned_data["removers"]]

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        if not (cleaned.get("name_fi") or cleaned.get("name_sv")) and "name_fi" not in self.errors and "name_sv" not in self.errors:
            self.add_error("name_fi", _("Write the title in Finnish or in Swedish."))
        return cleaned


class WeightForm(forms.Form):
    reason_fi = title_field(_("Why, in Finnish"), "fi", hint=_("One sentence. One of the two languages is enough."), length=REASON_LENGTH)
    reason_sv = title_field(_("Why, in Swedish"), "sv", length=REASON_LENGTH)

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not (cleaned["reason_fi"] or cleaned["reason_sv"]):
            self.add_error("reason_fi", _("Say in a sentence why, in Finnish or in Swedish."))
        return cleaned


class ObstacleMoveForm(forms.Form):
    version = version_field()
    status = forms.ChoiceField(label=_("Status"), widget=forms.RadioSelect)
    answer_fi = text_field(_("Answer in Finnish"), "fi", hint=_("What Kuntaliitto says and does. The areas behind it read it; one of the two languages is enough."))
    answer_sv = text_field(_("Answer in Swedish"), "sv")

    def __init__(self, *args, obstacle: Obstacle, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        possible = (ObstacleStatus(obstacle.status), *OBSTACLE_MOVES[obstacle.status])
        self.fields["status"].choices = [(status.value, capfirst(status.label)) for status in possible]


class MergeSearchForm(forms.Form):
    q = forms.CharField(
        label=_("Words of the obstacle that stays"), max_length=200, required=False, widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}), help_text=_("Any form of the word will do.")
    )


class ProposalForm(forms.Form):
    """A proposal on an obstacle; `version` as above."""

    version = version_field()
    text_fi = text_field(_("Proposal in Finnish"), "fi", hint=_("What should be done. It goes to the addressee as it stands here; one of the two languages is enough."))
    text_sv = text_field(_("Proposal in Swedish"), "sv")
    addressee = forms.ChoiceField(label=_("To whom"), choices=sentence_case(Remover), widget=forms.RadioSelect)

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors.get("text_fi") and not (cleaned.get("text_fi") or cleaned.get("text_sv")):
            self.add_error("text_fi", _("Write the proposal in Finnish or in Swedish."))
        return cleaned


class ProposalMoveForm(forms.Form):
    version = version_field()
    status = forms.ChoiceField(label=_("Status"), widget=forms.RadioSelect)
    day = DayField(label=_("On which day"))
    answer_fi = text_field(_("Answer in Finnish"), "fi", hint=_("What the addressee answered, when it did."))
    answer_sv = text_field(_("Answer in Swedish"), "sv")

    def __init__(self, *args, proposal: Proposal, **kwargs) -> None:
        kwargs.setdefault("initial", {})
        kwargs["initial"] = {"day": timezone.localdate(), "version": proposal.version} | kwargs["initial"]
        super().__init__(*args, **kwargs)
        possible = PROPOSAL_MOVES[proposal.status]
        self.fields["status"].choices = [(status.value, capfirst(status.label)) for status in possible]
        if len(possible) == 1:
            self.fields["status"].initial = possible[0].value
        if proposal.status == ProposalStatus.DRAFT:
            del self.fields["answer_fi"], self.fields["answer_sv"]


class UsingForm(forms.Form):
    models = KeysField(label=_("Our models that use it"))

    def __init__(self, *args, own: dict[int, str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["models"].choices = list(own.items())


def host_of(link: str) -> str:
    return urlsplit(link).hostname or link
