"""A seat on a shared course for one client: where to look, how to ask, and what becomes of the seat."""
import uuid

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from guidance.forms.fields import token_field
from guidance.models import EducationOption
from guidance.queries.course_matching import DEFAULT_KM
from services.choices import CourseKind, Entry
from services.models import CourseRun


class FindForm(forms.Form):
    """Codes only: nothing of the client stands in the address. What makes no sense is as if nothing had been chosen."""

    ANYWHERE = "0"

    within = forms.ChoiceField(label=_("How far"), required=False, choices=[("25", _("25 km")), ("50", _("50 km")), ("100", _("100 km")), ("200", _("200 km")), (ANYWHERE, _("Anywhere"))])
    kind = forms.ChoiceField(label=_("Kind of course"), required=False, choices=[("", _("Every kind")), *((value, capfirst(label)) for value, label in CourseKind.choices)])

    def __init__(self, data) -> None:
        chosen = {name: data.get(name, "") for name in self.base_fields}
        valid = {name: value if value in dict(self.base_fields[name].choices) else "" for name, value in chosen.items()}
        super().__init__(valid | {"within": valid["within"] or str(DEFAULT_KM)})
        self.is_valid()

    @property
    def narrow(self) -> dict:
        return {"within": int(self.cleaned_data["within"]), "kind": self.cleaned_data["kind"]}


class AskForm(forms.Form):
    HOLD, ENROL = "hold", "enrol"

    token = token_field()
    how = forms.ChoiceField(label=_("How"), choices=[(HOLD, _("Hold first, confirm later")), (ENROL, _("Enrol at once"))], widget=forms.RadioSelect)
    option = forms.ModelChoiceField(
        label=_("Part of the education option"), queryset=None, required=False, empty_label=_("None of them"), help_text=_("Its state then follows the seat: applied, admitted, completed.")
    )

    def __init__(self, data=None, *, run: CourseRun, options: list[EducationOption], is_free: bool) -> None:
        super().__init__(data, initial={"token": uuid.uuid4(), "how": self.HOLD})
        if run.entry != Entry.HOLD or not is_free:
            del self.fields["how"]
        if options:
            self.fields["option"].queryset = EducationOption.objects.filter(pk__in=[option.pk for option in options]).order_by("added_at", "id")
            self.fields["option"].label_from_instance = lambda option: option.title
        else:
            del self.fields["option"]

    def asked(self) -> dict:
        data = self.cleaned_data
        return {"token": data["token"], "only_hold": data.get("how") != self.ENROL, "option": data.get("option")}


class SeatForm(forms.Form):
    """Goes with the button of a move, which carries its name."""

    version = forms.IntegerField(widget=forms.HiddenInput)
