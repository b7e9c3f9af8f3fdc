"""Addresses of what the other apps come to: summaries, the search over everything, and documents."""
from django.urls import path, re_path

from summaries.views import documents, feeds, files, lending, network, pathway_rows, pathways, places, published, search, skills

app_name = "summaries"
FILE = r"(?P<what>csv|xlsx|pdf)$"
urlpatterns = [
    path("summary/", network.network_summary, name="network_summary"),
    re_path(rf"^summary/figures\.{FILE}", files.network_file, name="network_file"),
    path("summary/definitions/", network.figure_definitions, name="figure_definitions"),
    path("summary/use/", lending.use_list, name="use_list"),
    path("summary/flow/", lending.use_flow, name="use_flow"),
    path("summary/our-pathways/", pathways.our_pathways, name="our_pathways"),
    path("summary/our-pathways/list/", pathway_rows.our_pathways_list, name="our_pathways_list"),
    re_path(rf"^summary/our-pathways/figures\.{FILE}", pathways.our_pathways_file, name="our_pathways_file"),
    path("summary/pathways/", published.pathways_public, name="pathways_public"),
    re_path(rf"^summary/pathways/tables\.{FILE}", published.pathways_public_file, name="pathways_public_file"),
    path("summary/pathways/partnerships/", published.pathways_side_by_side, name="pathways_side_by_side"),
    re_path(rf"^summary/pathways/partnerships/tables\.{FILE}", published.pathways_side_by_side_file, name="pathways_side_by_side_file"),
    path("areas/<slug:slug>/summary/", places.area_summary, name="area_summary"),
    re_path(rf"^areas/(?P<slug>[-\w]+)/summary\.{FILE}", files.area_file, name="area_summary_file"),
    re_path(r"^municipalities/(?P<code>[0-9]{3})/summary/$", places.municipality_summary, name="municipality_summary"),
    re_path(rf"^municipalities/(?P<code>[0-9]{{3}})/summary\.{FILE}", files.municipality_file, name="municipality_summary_file"),
    path("changes/feed/", feeds.change_feed, name="change_feed"),
    path("areas/<slug:slug>/feed/", feeds.area_change_feed, name="area_change_feed"),
    path("search/", search.search, name="search"),
    path("skill-needs/", skills.skill_answers, name="skill_answers"),
    path("areas/<slug:slug>/report/", documents.area_report_page, name="area_report"),
    re_path(r"^areas/(?P<slug>[-\w]+)/report\.(?P<what>pdf|docx)$", documents.area_report_file, name="area_report_file"),
    re_path(r"^municipalities/(?P<code>[0-9]{3})/board/$", documents.board_page, name="board_pages"),
    re_path(r"^municipalities/(?P<code>[0-9]{3})/board\.(?P<what>pdf|docx)$", documents.board_file, name="board_pages_file"),
]
