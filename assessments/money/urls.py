"""URLs of the money schemes."""

from django.urls import path

from assessments.money.views.claims import ClaimList, claim_decide, claim_detail, claim_file
from assessments.money.views.desk import money_desk
from assessments.money.views.partners import money_partner, money_partner_step
from assessments.money.views.schemes import money_bank, money_list, money_scheme

urlpatterns = [
    path("money/", money_list, name="money-list"),
    path("money/<int:pk>/", money_scheme, name="money-scheme"),
    path("money/<int:pk>/claim/", claim_file, name="money-claim"),
    path("claims/", ClaimList.as_view(), name="claim-list"),
    path("claims/<int:pk>/", claim_detail, name="claim-detail"),
    path("claims/<int:pk>/decide/", claim_decide, name="claim-decide"),
    path("money/<int:pk>/desk/", money_desk, name="money-desk"),
    path("money/<int:pk>/bank/<int:bank>/", money_bank, name="money-bank"),
    path("money/<int:pk>/partners/<int:bank>/", money_partner, name="money-partner"),
    path("money/<int:pk>/partners/<int:bank>/step/", money_partner_step, name="money-partner-step"),
]
