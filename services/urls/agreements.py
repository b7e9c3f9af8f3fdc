from django.urls import path

from services.views import agreements, settlements, use

urlpatterns = [
    path("agreements/", agreements.agreement_list, name="agreement_list"),
    path("agreements/add/", agreements.agreement_add, name="agreement_add"),
    path("agreements/<row:pk>/", agreements.agreement_detail, name="agreement_detail"),
    path("agreements/<row:pk>/edit/", agreements.agreement_edit, name="agreement_edit"),
    path("agreements/<row:pk>/remove/", agreements.agreement_remove, name="agreement_remove"),
    path("agreements/<row:pk>/lines/add/", agreements.agreement_line_add, name="agreement_line_add"),
    path("agreements/<row:pk>/lines/<row:line>/", agreements.agreement_line_edit, name="agreement_line_edit"),
    path("agreements/<row:pk>/decide/", agreements.agreement_decide, name="agreement_decide"),
    path("agreements/<row:pk>/renew/", agreements.agreement_renew, name="agreement_renew"),
    path("agreements/<row:pk>/settle/", settlements.settlement_add, name="settlement_add"),
    path("agreements/<row:pk>/<slug:target>/", agreements.agreement_move, name="agreement_move"),
    path("settlements/<row:pk>/", settlements.settlement_detail, name="settlement_detail"),
    path("settlements/<row:pk>/compute/", settlements.settlement_compute, name="settlement_compute"),
    path("settlements/<row:pk>/accept/", settlements.settlement_accept, name="settlement_accept"),
    path("settlements/<row:pk>/discard/", settlements.settlement_discard, name="settlement_discard"),
    path("settlements/<row:pk>/correct/", settlements.settlement_correct, name="settlement_correct"),
    path("settlements/<row:pk>/workbook/", settlements.settlement_xlsx, name="settlement_xlsx"),
    path("use/", use.use_figures, name="use_figures"),
    path("use/workbook/", use.use_xlsx, name="use_xlsx"),
]
