from django.urls import path

from services.views import needs

urlpatterns = [
    path("needs/", needs.need_list, name="need_list"),
    path("needs/add/", needs.need_add, name="need_add"),
    path("needs/<row:pk>/", needs.need_detail, name="need_detail"),
    path("needs/<row:pk>/edit/", needs.need_edit, name="need_edit"),
    path("needs/<row:pk>/end/<slug:state>/", needs.need_end, name="need_end"),
    path("bookings/<row:pk>/substitute/", needs.need_substitute, name="need_substitute"),
]
