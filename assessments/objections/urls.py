"""URLs of a bank's objection to its notice, of its decision, and of the letters on it."""

from django.urls import URLPattern, path

from assessments.objections.views import decision, lists, objection

urlpatterns: list[URLPattern] = [
    path("objections/", lists.ObjectionList.as_view(), name="objection-list"),
    path("objections/<int:pk>/", objection.objection_detail, name="objection-detail"),
    path("objections/<int:pk>/files/", objection.file_add, name="objection-file-add"),
    path("objections/<int:pk>/files/<int:evidence>/withdraw/", objection.file_withdraw, name="objection-file-withdraw"),
    path("objections/<int:pk>/lodge/", objection.lodge, name="objection-lodge"),
    path("objections/<int:pk>/decide/", decision.objection_decide, name="objection-decide"),
    path("objections/letters/<int:pk>/", decision.objection_letter, name="objection-letter"),
]
