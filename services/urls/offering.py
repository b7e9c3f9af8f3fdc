from django.urls import path

from services.views import busy, offering, photos, resources

urlpatterns = [
    path("own/", offering.offer_list, name="offer_list"),
    path("own/add/", offering.offer_add, name="offer_add"),
    path("own/school-year/", resources.term_calendar, name="term_calendar"),
    path("own/<row:pk>/", offering.offer_what, name="offer_what"),
    path("own/<row:pk>/where/", offering.offer_where, name="offer_where"),
    path("own/<row:pk>/terms/", offering.offer_terms, name="offer_terms"),
    path("own/<row:pk>/publish/", offering.offer_publish, name="offer_publish"),
    path("own/<row:pk>/confirm/", offering.offer_confirm, name="offer_confirm"),
    path("own/<row:pk>/photo/", photos.offer_photo, name="offer_photo"),
    path("<row:pk>/photo/<slug:size>/", photos.service_photo, name="service_photo"),
    path("own/<row:pk>/copy/", offering.offer_copy, name="offer_copy"),
    path("own/<row:pk>/archive/", offering.offer_archive, name="offer_archive"),
    path("resources/<row:pk>/", resources.resource_detail, name="resource_detail"),
    path("resources/<row:pk>/busy/", busy.busy_times, name="busy_times"),
    path("places/<row:pk>/", resources.place_edit, name="place_edit"),
]
