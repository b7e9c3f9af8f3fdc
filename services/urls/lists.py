from django.urls import path

from services.views import lists

urlpatterns = [
    path("own/lists/", lists.list_hub, name="list_hub"),
    path("own/lists/<slug:kind>/import/", lists.import_add, name="import_add"),
    path("own/lists/<slug:kind>/<slug:what>/", lists.list_export, name="list_export"),
    path("own/imports/<row:pk>/", lists.import_review, name="import_review"),
    path("own/imports/<row:pk>/columns/", lists.import_columns, name="import_columns"),
    path("own/imports/<row:pk>/lines/<row:line>/", lists.import_row, name="import_row"),
    path("own/imports/<row:pk>/discard/", lists.import_discard, name="import_discard"),
]
