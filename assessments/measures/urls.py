"""URLs of the register of measures, of what banks file under them, and of what other desks ask."""

from django.urls import URLPattern, path

from assessments.measures.views import calendar, measure, obligation, register, standing

urlpatterns: list[URLPattern] = [
    path("measures/", register.Register.as_view(), name="measure-list"),
    path("measures/calendar/", calendar.calendar_page, name="measure-calendar"),
    path("measures/<int:pk>/", measure.measure_detail, name="measure-detail"),
    path("measures/<int:pk>/<slug:name>/", measure.measure_step, name="measure-step"),
    path("standing/", standing.standing, name="standing"),
    path("lists/adjustments/", standing.AdjustmentList.as_view(), name="adjustment-list"),
    path("lists/rewards/", standing.RewardList.as_view(), name="reward-list"),
    path("lists/inspections/", standing.InspectionList.as_view(), name="inspection-list"),
    path("obligations/<int:pk>/", obligation.obligation_detail, name="obligation-detail"),
    path("obligations/<int:pk>/files/", obligation.file_add, name="obligation-file-add"),
    path(
        "obligations/<int:pk>/files/<int:evidence>/withdraw/", obligation.file_withdraw, name="obligation-file-withdraw"
    ),
    path("obligations/<int:pk>/sign/", obligation.obligation_sign, name="obligation-sign"),
    path("obligations/<int:pk>/<slug:name>/", measure.obligation_step, name="obligation-step"),
]
