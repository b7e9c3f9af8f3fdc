"""What the pages of the apps below show of this one."""
from django.utils.translation import gettext_lazy as _

from accounts.addresses import address
from pilots.models import PilotArea
from pilots.registries import PageAction


def report_of_area(area: PilotArea) -> PageAction:
    return PageAction(_("The area’s report"), address("summaries:area_report", area.slug))
