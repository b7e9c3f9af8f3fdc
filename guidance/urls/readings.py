from django.urls import path

from guidance.views import reader_naming, readings

urlpatterns = [
    path("readings/", readings.reading_list, name="reading_list"),
    path("readings/unusual/", readings.reading_unusual, name="reading_unusual"),
    path("readings/limits/", readings.reading_rules, name="reading_rules"),
    path("readings/names/", reader_naming.reader_naming, name="reader_naming"),
]
