"""The gallery of patterns for developers: every component of templates/components/ with invented data."""
from datetime import UTC, date, datetime
from types import SimpleNamespace as Thing

from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.icons import ICONS
from pilots.charts import Band, Stage, flow_chart, funnel_chart


class SampleForm(forms.Form):
    name = forms.CharField(label="Name of the area", help_text="As people there say it, without the word area.")
    confirmed_on = forms.DateField(label="Confirmed on", help_text="For example 3.2.2027.", error_messages={"invalid": "Write the day as 3.2.2027"})
    kind = forms.ChoiceField(label="Kind of member", choices=[("a", "Municipality"), ("b", "Limited company")])
    languages = forms.MultipleChoiceField(label="Languages of service", choices=[("fi", "Finnish"), ("sv", "Swedish")], widget=forms.CheckboxSelectMultiple)
    participation = forms.ChoiceField(label="Takes part", choices=[("d", "Directly"), ("t", "Through another body")], widget=forms.RadioSelect)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="Shown to everybody who may open the page.")
    agreed = forms.BooleanField(label="The contact person knows about this", help_text="Ask before you publish a name.")


def samples() -> dict:
    """Invented data, one of each state that a component can show."""
    contact = Thing(
        name="Demo Koordinaattori", title_fi="sivistysjohtaja", title_sv="", get_task_display="Remote teaching", phone="040 000 0000",
        email="demo.koordinaattori@example.org", speaks_finnish=True, speaks_swedish=True, speaks_english=False,
        confirmed_on=date(2025, 3, 2), is_stale=True, is_demo=True,
    )  # fmt: skip
    event = Thing(
        icon="edit", kind="Changed", text="Description of the area", time=datetime(2026, 11, 20, 12, 5, tzinfo=UTC), who="Demo Koordinaattori",
        organisation="Demokunta", changes=[("Challenge", "Long distances", "Long distances and few teachers")],
    )  # fmt: skip
    joined = Thing(icon="joined", kind="Joined", text="Demokunta, directly", time=None, who="Demo Koordinaattori", organisation="", changes=[])
    return {
        "icons": sorted(ICONS),
        "page_obj": Paginator(["Demokunta", "Demoby"] * 20, 2).get_page(2),
        "count_text": "40 members",
        "chips": [Thing(label="Region: Kainuu", url="?a"), Thing(label="Language: Swedish", url="?b")],
        "clear_url": "?",
        "sorts": [Thing(label="Name", url="?c", current=True), Thing(label="Newest first", url="?d", current=False)],
        "contacts": [contact],
        "wrong_form": SampleForm({"confirmed_on": "soon", "name": "Demo"}, prefix="wrong"),
        "empty_form": SampleForm(prefix="empty"),
        "other_form": SampleForm(prefix="other"),
        "steps": [
            Thing(label="Who", state="done", url="?e"),
            Thing(label="What", state="here", url=None),
            Thing(label="When", state="ahead", url=None),
        ],
        "waiting": [
            Thing(what="Demo Opettaja asks to join Demokunta", since=date(2026, 11, 2), overdue=True, url="?f", action="Decide"),
            Thing(what="Demo Sihteeri has not answered the invitation", since=date(2026, 11, 18), overdue=False, url="?g", action="Send again"),
        ],
        "waiting_text": "2 things wait for you",
        "timeline": [Thing(day=date(2026, 11, 20), events=[event]), Thing(day=date(2026, 9, 1), events=[joined])],
        "only_finnish": Thing(name_fi="Ylä-Savo", name_sv="", title_fi="Suomeksi kirjoitettu teksti", text_fi="Tämä teksti on vain suomeksi.\n\nToinen kappale."),
        "samples_of_messages": [
            Message(constants.SUCCESS, "Saved. The area's page shows the new text at once."),
            Message(constants.INFO, "You now act for Demokunta."),
            Message(constants.WARNING, "The invitation was sent to an address that has not answered before."),
            Message(constants.ERROR, "Somebody else has changed this page. Read the new text and save again."),
        ],
        "charts": [
            funnel_chart("funnel", "Invented funnel", "From 120 who came to 40 who finished; what is not told has no length.", [Stage("Came", 120, "120"), Stage("Chose a course", 80, "80", "67 %"), Stage("Finished", None, "not told")]),
            flow_chart("flow", "Invented flow", "The wider the band, the more was lent.", [Band("Demokunta", "Demoby", 30), Band("Demokunta", "Demola", 12), Band("Demokoulu", "Demola", 9)]),
        ],
        "bars": [Thing(year=2020 + n, born=born, x=60 + 180 * n, y=210 - born, height=born) for n, born in enumerate((180, 150, 120))],
    }


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    return render(request, "components/gallery.html", samples())
