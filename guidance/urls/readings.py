from django.urls import path

from guidance.views import readings

urlpatterns = [
    path("readings/", readings.reading_list, name="reading_list"),
    path("readings/unusual/", readings.reading_unusual, name="reading_unusual"),
    path("readings/limits/", readings.reading_rules, name="reading_rules"),
]
