import re
from datetime import UTC, date, datetime
from types import SimpleNamespace as Thing

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import translation

from accounts.icons import ICONS
from accounts.templatetags.kopa import content_in


def render(text: str, language: str = "fi", **context) -> str:
    with translation.override(language):
        return Template("{% load kopa %}" + text).render(Context(context))


BOTH = Thing(name_fi="Närpiö", name_sv="Närpes", title_fi="johtaja", title_sv="direktör")
FINNISH = Thing(name_fi="Ylä-Savo", name_sv="", title_fi="johtaja <b>", title_sv="", text_fi="Yksi.\n\nKaksi <b>.", text_sv="")


@pytest.mark.parametrize("language, expected", [("fi", ("Närpiö", "fi")), ("sv", ("Närpes", "sv")), ("en", ("Närpiö", "fi"))])
def test_content_in_prefers_the_readers_language(language, expected):
    assert content_in(BOTH, "name", language) == expected


def test_content_in_gives_nothing_when_nothing_is_written():
    assert content_in(Thing(), "name", "sv") == ("", "sv")


def test_name_in_another_language_is_marked_and_carries_no_note():
    assert render("{% name thing %}", "sv", thing=FINNISH) == '<span lang="fi">Ylä-Savo</span>'
    assert render("{% name thing %}", "sv", thing=BOTH) == "Närpes"


def test_content_in_another_language_is_marked_escaped_and_says_so():
    html = render('{% content thing "title" %}', "en", thing=FINNISH)

    assert html.startswith('<span lang="fi">johtaja &lt;b&gt;</span> ')
    assert html.endswith("In Finnish</span>")
    assert render('{% content thing "title" %}', "sv", thing=BOTH) == "direktör"


def test_content_without_its_note_is_marked_and_escaped_still():
    assert render('{% content thing "title" note=False %}', "en", thing=FINNISH) == '<span lang="fi">johtaja &lt;b&gt;</span>'


def test_content_text_in_another_language_says_so_above_its_paragraphs():
    html = render('{% content_text thing "text" %}', "en", thing=FINNISH)

    assert html.index("In Finnish") < html.index('<div lang="fi"><p>Yksi.</p>\n\n<p>Kaksi &lt;b&gt;.</p></div>')
    assert render('{% content_text thing "text" %}', "fi", thing=FINNISH) == "<p>Yksi.</p>\n\n<p>Kaksi &lt;b&gt;.</p>"


def test_content_text_of_nothing_is_empty():
    assert render('{% content_text thing "text" %}', "en", thing=BOTH) == ""


@pytest.mark.parametrize("name", sorted(ICONS))
def test_icon_is_hidden_from_screen_readers(name):
    assert '<svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><' in render("{% icon name %}", name=name)


def test_icon_of_an_unknown_name_fails():
    with pytest.raises(KeyError):
        render('{% icon "no-such" %}')


class SampleForm(forms.Form):
    day = forms.DateField(label="Day", help_text="For example 3.2.2027.")
    kinds = forms.MultipleChoiceField(label="Kinds", choices=[("a", "A"), ("b", "B")], widget=forms.CheckboxSelectMultiple)
    note = forms.CharField(label="Note", required=False)


def test_error_summary_leads_to_each_field_and_to_the_first_of_its_choices():
    html = render_to_string("components/form.html", {"form": SampleForm({"day": "soon"})})

    assert html.count("<li><a href=") == 2
    for target in ("id_day", "id_kinds_0"):
        assert f'<li><a href="#{target}">' in html
        assert html.count(f'id="{target}"') == 1


def test_field_names_its_hint_and_its_error():
    html = render_to_string("components/form.html", {"form": SampleForm({"day": "soon"})})

    assert 'aria-describedby="id_day_helptext id_day_error"' in html
    for described in ("id_day_helptext", "id_day_error"):
        assert html.count(f'id="{described}"') == 1
    assert html.index('for="id_day"') < html.index('id="id_day_helptext"') < html.index('id="id_day_error"') < html.index('id="id_day"')


class EmptyForm(forms.Form):
    """A field of each kind without a sentence of its own, and one with it."""

    name = forms.CharField(label="Name")
    language = forms.ChoiceField(label="Language", choices=[("fi", "Finnish")])
    who = forms.MultipleChoiceField(label="Who", choices=[("1", "Aino")], widget=forms.CheckboxSelectMultiple)
    agreed = forms.BooleanField(label="Agreed")
    file = forms.FileField(label="File")
    reason = forms.CharField(label="Reason", error_messages={"required": "Write the reason."})


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_empty_field_is_told_by_its_name_and_what_to_do(language):
    with translation.override(language):
        html = render_to_string("components/form.html", {"form": EmptyForm({})})
        bare = str(forms.Field.default_error_messages["required"])

    assert bare not in html
    for field in ("Name", "Language", "Who", "Agreed", "File"):
        # In the summary on top and beside the field.
        assert len(re.findall(rf"[“”]{field}”", html)) == 2, field
    assert html.count("Write the reason.") == 2


class FilterForm(forms.Form):
    q = forms.CharField(label="Name", required=False)


def test_field_that_may_be_empty_says_so_only_beside_others_that_may_not():
    mark = "field-optional"

    assert render_to_string("components/form.html", {"form": SampleForm()}).count(mark) == 1
    assert render_to_string("components/form.html", {"form": FilterForm()}).count(mark) == 0


def test_field_that_is_sometimes_needed_is_not_marked_optional():
    form = SampleForm()
    optional = next(field for field in form.fields.values() if not field.required)
    optional.needed_when = "another"

    assert "field-optional" not in render_to_string("components/form.html", {"form": form})


def test_mail_address_may_break_before_its_at_sign():
    assert render("{{ thing|mail_address }}", thing="a<b@example.org") == "a&lt;b<wbr>@example.org"


@pytest.mark.parametrize("kind, has_icon", [("order", True), ("danger", True), ("plain", False)])
def test_badge_has_its_icon_and_escapes_its_words(kind, has_icon):
    html = render("{% badge kind words %}", kind=kind, words="Late <b>")

    assert html.startswith(f'<span class="badge-line {kind}">')
    assert ("<svg" in html) == has_icon
    assert html.endswith("Late &lt;b&gt;</span>")


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_short_date_is_the_languages_own(language):
    """Of a moment it is the day in Finland."""
    moment = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)

    both = [render(f"{{{{ when|{way} }}}}", language, when=when) for when in (moment, date(2026, 4, 1), None) for way in ("short_date", 'date:"SHORT_DATE_FORMAT"')]

    assert both[::2] == both[1::2]
    assert both[0] == both[2] != both[4] == ""
