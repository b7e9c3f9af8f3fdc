"""Telephone numbers by which a client reaches an organisation: its contact people for guidance, else those for anything."""
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from pilots.choices import ContactTask
from pilots.models import Contact


@dataclass(frozen=True)
class Phone:
    name: str
    number: str


def phones_of(organisation_ids: Iterable[int]) -> dict[int, list[Phone]]:
    rows = Contact.objects.filter(organisation__in=set(organisation_ids), ended_on=None, task__in=(ContactTask.GUIDANCE, ContactTask.GENERAL)).exclude(phone="").order_by("name", "pk")
    by_task: dict[tuple[int, str], list[Phone]] = defaultdict(list)
    for organisation, task, name, number in rows.values_list("organisation", "task", "name", "phone"):
        by_task[organisation, task].append(Phone(name, number))
    return {pk: by_task[pk, ContactTask.GUIDANCE] or by_task[pk, ContactTask.GENERAL] for pk in organisation_ids}
