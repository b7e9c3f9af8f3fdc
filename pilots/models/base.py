"""What several kinds of fact share."""
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from pilots.sorting import sort_key
from pilots.words import index_words


class Sourced(models.Model):
    """A fact says where it comes from.

    `loaded` keeps what each loader last wrote, field by field: a field that a person has changed since
    differs from it and is left alone when the files are loaded again (pilots/loading/writing.py).
    """

    source = models.CharField(_("source"), max_length=300)
    loaded = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        abstract = True


class Named(models.Model):
    """A thing with a Finnish and a Swedish name, sorted by Finnish rules and found by word forms.

    `sort_key_fi` and `sort_key_sv` are made in Python so that both databases sort the same way.
    """

    name_fi = models.CharField(_("name in Finnish"), max_length=200)
    name_sv = models.CharField(_("name in Swedish"), max_length=200, blank=True)
    sort_key_fi = models.CharField(max_length=1000, editable=False, db_index=True)
    sort_key_sv = models.CharField(max_length=1000, editable=False, db_index=True)
    search_words = models.TextField(editable=False, default="", blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        self.set_derived()
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "sort_key_fi", "sort_key_sv", "search_words"}
        super().save(*args, **kwargs)

    def set_derived(self) -> None:
        self.sort_key_fi = sort_key(self.name_fi)
        self.sort_key_sv = sort_key(self.name_sv or self.name_fi)
        self.search_words = index_words(*self.searched_texts())

    def searched_texts(self) -> list[str]:
        return [self.name_fi, self.name_sv]

    @property
    def name(self) -> str:
        """The name in the reader's language; English readers see the Finnish one unless there is an English one."""
        language = (get_language() or "fi")[:2]
        return (getattr(self, f"name_{language}", "") or self.name_fi) if language != "fi" else self.name_fi

    @property
    def name_language(self) -> str:
        """The language that `name` is in, for the `lang` attribute."""
        language = (get_language() or "fi")[:2]
        return language if getattr(self, f"name_{language}", "") else "fi"


def sort_field() -> str:
    """The stored order for the reader's language."""
    return "sort_key_sv" if (get_language() or "fi").startswith("sv") else "sort_key_fi"


class PeriodQuerySet(models.QuerySet):
    """Rows with `starts_on` and `ends_on`; the end is the first day on which the row no longer holds."""

    def on(self, day: Any) -> "PeriodQuerySet":
        return self.filter(Q(starts_on=None) | Q(starts_on__lte=day), Q(ends_on=None) | Q(ends_on__gt=day))


def ends_after_start(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gt=F("starts_on")),
        name=name,
        violation_error_message=_("The end must be after the start."),
    )
