"""Addresses of the network, its people and its upkeep."""
from pilots.urls import availability, cooperation, discussion, editing, environment, goals, network, obstacles, people, publications

app_name = "pilots"
urlpatterns = [
    *network.urlpatterns,
    *people.urlpatterns,
    *editing.urlpatterns,
    *environment.urlpatterns,
    *availability.urlpatterns,
    *obstacles.urlpatterns,
    *cooperation.urlpatterns,
    *goals.urlpatterns,
    *discussion.urlpatterns,
    *publications.urlpatterns,
]
