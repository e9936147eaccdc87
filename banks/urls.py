"""URLs of banks and people."""

from django.urls import path

from .views import banks, facts, people, register

urlpatterns = [
    path("", register.BankList.as_view(), name="bank-list"),
    path("new/", banks.bank_create, name="bank-create"),
    path("mine/", banks.my_bank, name="my-bank"),
    path("import/", register.bank_import, name="bank-import"),
    path("import/template/", register.bank_import_template, name="bank-import-template"),
    path("<int:pk>/", banks.bank_detail, name="bank-detail"),
    path("<int:pk>/edit/", banks.bank_edit, name="bank-edit"),
    path("<int:pk>/figures/", facts.bank_facts, name="bank-facts"),
    path("<int:pk>/figures/<slug:period>/<slug:fact>/", facts.bank_fact_history, name="bank-fact-history"),
    path("people/", people.PersonList.as_view(), name="person-list"),
    path("people/new/", people.person_create, name="person-create"),
    path("people/<int:pk>/history/", people.person_detail, name="person-detail"),
    path("people/<int:pk>/", people.person_edit, name="person-edit"),
    path("people/requests/<int:pk>/", people.role_request, name="role-request"),
    path("people/passwords/<int:pk>/", people.password_request, name="password-request"),
    path("people/factors/<int:pk>/", people.factor_request, name="factor-request"),
    path("people/<int:pk>/factors/", people.person_factors, name="person-factors"),
    path("people/<int:pk>/password/", people.person_password, name="person-password"),
]
