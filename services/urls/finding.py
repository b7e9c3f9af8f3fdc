from django.urls import path

from services.views import finding, service_map

urlpatterns = [
    path("map/", service_map.service_map, name="service_map"),
    path("favourites/", finding.favourite_list, name="favourite_list"),
    path("searches/", finding.search_list, name="search_list"),
    path("searches/add/", finding.search_add, name="search_add"),
    path("searches/<row:pk>/", finding.search_change, name="search_change"),
    path("alerts/<str:token>/", finding.alert_stop, name="alert_stop"),
]
