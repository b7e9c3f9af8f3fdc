from django.urls import path

from guidance.views import import_review, imports

urlpatterns = [
    path("clients/import/", imports.import_list, name="import_list"),
    path("clients/import/template/", imports.import_template, name="import_template"),
    path("clients/import/<row:pk>/", import_review.import_review, name="import_review"),
    path("clients/import/<row:pk>/columns/", imports.import_columns, name="import_columns"),
    path("clients/import/<row:pk>/lines/<row:line>/", import_review.import_row, name="import_row"),
    path("clients/import/<row:pk>/lines/<row:line>/decide/", import_review.import_decide, name="import_decide"),
    path("clients/import/<row:pk>/leave-out/", import_review.import_leave_out, name="import_leave_out"),
    path("clients/import/<row:pk>/store/", import_review.import_store, name="import_store"),
    path("clients/import/<row:pk>/discard/", imports.import_discard, name="import_discard"),
]
