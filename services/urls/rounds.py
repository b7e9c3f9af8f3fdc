from django.urls import path

from services.views import rounds, wishes

urlpatterns = [
    path("rounds/", rounds.round_list, name="round_list"),
    path("rounds/add/", rounds.round_add, name="round_add"),
    path("rounds/<row:pk>/", rounds.round_detail, name="round_detail"),
    path("rounds/<row:pk>/edit/", rounds.round_edit, name="round_edit"),
    path("rounds/<row:pk>/move/<slug:target>/", rounds.round_move, name="round_move"),
    path("rounds/<row:pk>/wishes/", rounds.round_wishes, name="round_wishes"),
    path("rounds/<row:pk>/wish/", wishes.wish_add, name="wish_add"),
    path("rounds/wishes/<row:pk>/", wishes.wish_edit, name="wish_edit"),
    path("rounds/wishes/<row:pk>/raise/", wishes.wish_raise, name="wish_raise"),
    path("rounds/wishes/<row:pk>/remove/", wishes.wish_remove, name="wish_remove"),
    path("rounds/wishes/<row:pk>/adjust/", rounds.wish_adjust, name="wish_adjust"),
]
