"""URLs of readings."""

from django.urls import path

from assessments.readings.views.bank import reading_bank, reading_confirm, reading_fill
from assessments.readings.views.circulars import circular_copy, circular_detail, circular_issue
from assessments.readings.views.periods import PeriodList, reading_city, reading_compute, reading_open, reading_period
from assessments.readings.views.sheet import ReadingSheet, reading_import

urlpatterns = [
    path("readings/", PeriodList.as_view(), name="reading-list"),
    path("readings/open/", reading_open, name="reading-open"),
    path("readings/<int:pk>/", reading_period, name="reading-period"),
    path("readings/<int:pk>/banks/<int:bank>/", reading_bank, name="reading-bank"),
    path("readings/<int:pk>/city/", reading_city, name="reading-city"),
    path("readings/<int:pk>/compute/", reading_compute, name="reading-compute"),
    path("readings/<int:pk>/circular/", circular_issue, name="circular-issue"),
    path("circulars/<int:pk>/", circular_detail, name="circular-detail"),
    path("circulars/copies/<int:pk>/", circular_copy, name="circular-copy"),
    path("readings/<int:pk>/fill/", reading_fill, name="reading-fill"),
    path("readings/<int:pk>/confirm/", reading_confirm, name="reading-confirm"),
    path("readings/<int:pk>/sheet.xlsx", ReadingSheet.as_view(), name="reading-sheet"),
    path("readings/<int:pk>/import/", reading_import, name="reading-import"),
]
