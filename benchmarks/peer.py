"""Django's own admin over the same tables, to compare with; mounted here and nowhere else, for it would pass the read log."""
from django.contrib.admin import AdminSite, ModelAdmin

from guidance.models import Participation, Pathway


class Open(AdminSite):
    """Nobody's rights are looked at: it is reached on a throw-away database only."""

    def has_permission(self, request) -> bool:
        return request.user.is_authenticated


class Shown(ModelAdmin):
    list_per_page = 25

    def has_module_permission(self, request) -> bool:
        return True

    def has_view_permission(self, request, obj=None) -> bool:
        return True

    def has_add_permission(self, request) -> bool:
        return False

    has_change_permission = has_delete_permission = lambda self, request, obj=None: False


class PathwayAdmin(Shown):
    list_display = ["pseudonym", "client", "stage", "process_person", "next_due_on", "last_event_at"]
    list_filter = ["stage", "target_group"]
    list_select_related = ["client", "process_person__user", "process_person__organisation"]
    search_fields = ["client__search_name"]
    ordering = ["client__sort_key", "pk"]


class ParticipationAdmin(Shown):
    list_display = ["pathway", "organisation", "responsible", "starts_at", "ends_at"]
    list_select_related = ["pathway", "organisation", "responsible__user", "responsible__organisation"]
    ordering = ["sort_key", "pk"]


site = Open(name="admin")
site.register(Pathway, PathwayAdmin)
site.register(Participation, ParticipationAdmin)
