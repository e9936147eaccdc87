"""URLs of the supervisor's review of one assessment."""

from django.urls import URLPattern, path

from assessments.reviews.round_figures.views import round_figures
from assessments.reviews.round_figures.views.files import RoundFiguresFile, round_figures_import
from assessments.reviews.round_figures.views.results import RoundWorkbook
from assessments.reviews.views import comments, facts, officers, queue, review, second, staff, targets

urlpatterns: list[URLPattern] = [
    path("handover/<int:pk>/", staff.handover, name="handover"),
    path("stand-ins/", staff.stand_ins, name="stand-ins"),
    path("stand-ins/<int:pk>/end/", staff.stand_in_end, name="stand-in-end"),
    path("rounds/<int:pk>/given/", round_figures, name="round-figures"),
    path("rounds/<int:pk>/given/file/", RoundFiguresFile.as_view(), name="round-figures-file"),
    path("rounds/<int:pk>/given/import/", round_figures_import, name="round-figures-import"),
    path("rounds/<int:pk>/workbook/", RoundWorkbook.as_view(), name="round-workbook"),
    path("review/", queue.ReviewQueue.as_view(), name="review-queue"),
    path("review/<int:pk>/", review.review_detail, name="review-detail"),
    path("review/<int:pk>/points/<str:indicator>/", review.review_points, name="review-points"),
    path("review/<int:pk>/facts/", facts.review_facts, name="review-facts"),
    path("review/<int:pk>/targets/", targets.review_targets, name="review-targets"),
    path("review/<int:pk>/officer/", officers.review_reassign, name="review-reassign"),
    path("review/<int:pk>/assigned/<str:role>/", officers.review_assign, name="review-assign"),
    path("review/<int:pk>/second/", second.review_second, name="review-second"),
    path("review/<int:pk>/comments/", comments.review_comment, name="review-comment"),
]
