"""Publications and skill needs."""
from django.urls import path

from pilots.views import publications, skills

urlpatterns = [
    path("publications/", publications.publication_list, name="publication_list"),
    path("publications/feed/", publications.publication_feed, name="publication_feed"),
    path("publications/add/", publications.publication_add, name="publication_add"),
    path("publications/<int:pk>/", publications.publication_detail, name="publication_detail"),
    path("publications/<int:pk>/edit/", publications.publication_edit, name="publication_edit"),
    path("publications/<int:pk>/archive/", publications.publication_archive, name="publication_archive"),
    path("areas/<slug:slug>/skill-needs/add/", skills.skill_need_add, name="skill_need_add"),
    path("areas/<slug:slug>/skill-needs/<int:pk>/edit/", skills.skill_need_edit, name="skill_need_edit"),
    path("areas/<slug:slug>/skill-needs/<int:pk>/end/", skills.skill_need_end, name="skill_need_end"),
]
