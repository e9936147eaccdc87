"""URLs of the decision on a case, and of the notice that the bank reads."""

from django.urls import path

from assessments.decisions.views import decision, notice

urlpatterns = [
    path("decision/<int:pk>/", decision.decision_detail, name="decision-detail"),
    path("decision/measures/<int:pk>/", decision.measure_decide, name="measure-decide"),
    path("notices/<int:pk>/", notice.notice_detail, name="notice-detail"),
    path("notices/<int:pk>/acknowledge/", notice.notice_acknowledge, name="notice-acknowledge"),
]
