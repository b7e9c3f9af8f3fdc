"""Addresses of what the other apps come to: the search over everything, and documents."""
from django.urls import path, re_path

from summaries.views import documents, search, skills

app_name = "summaries"
urlpatterns = [
    path("search/", search.search, name="search"),
    path("skill-needs/", skills.skill_answers, name="skill_answers"),
    path("areas/<slug:slug>/report/", documents.area_report_page, name="area_report"),
    re_path(r"^areas/(?P<slug>[-\w]+)/report\.(?P<what>pdf|docx)$", documents.area_report_file, name="area_report_file"),
    re_path(r"^municipalities/(?P<code>[0-9]{3})/board/$", documents.board_page, name="board_pages"),
    re_path(r"^municipalities/(?P<code>[0-9]{3})/board\.(?P<what>pdf|docx)$", documents.board_file, name="board_pages_file"),
]
