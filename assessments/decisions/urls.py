"""URLs of the steps of a review, of the decision, and of the notice that the bank reads."""

from django.urls import URLPattern, path

from assessments.decisions.views import decision, notice, notices, steps

urlpatterns: list[URLPattern] = [
    path("review/<int:pk>/step/<str:name>/", steps.review_step, name="review-step"),
    path("decision/<int:pk>/", decision.decision_detail, name="decision-detail"),
    path("decision/measures/<int:pk>/", decision.measure_decide, name="measure-decide"),
    path("notices/", notices.NoticeList.as_view(), name="notice-list"),
    path("notices/<int:pk>/", notice.notice_detail, name="notice-detail"),
    path("notices/<int:pk>/letters/<int:letter>/", notice.notice_detail, name="notice-letter"),
    path("notices/<int:pk>/acknowledge/", notice.notice_acknowledge, name="notice-acknowledge"),
]
