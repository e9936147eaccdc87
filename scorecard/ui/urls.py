"""URLs of the frame: signing in and out, one's own settings, and the progress of background work."""

from django.urls import path

from . import signin, views

urlpatterns = [
    path("login/", signin.SignIn.as_view(), name="login"),
    path("login/provider/", signin.ProviderLeave.as_view(), name="login-provider"),
    path("login/provider/return/", signin.ProviderReturn.as_view(), name="login-provider-return"),
    path("logout/", views.SignOut.as_view(), name="logout"),
    path("profile/", views.profile, name="profile"),
    path("profile/sessions/", views.end_session, name="session-end"),
    path("profile/password/", views.PasswordChange.as_view(), name="password-change"),
    path("settings/language/", views.set_language, name="set-language"),
    path("settings/theme/", views.set_theme, name="set-theme"),
    path("settings/table/", views.table_settings, name="table-settings"),
    path("jobs/<int:pk>/", views.job_detail, name="job-detail"),
    path("jobs/<int:pk>/file/", views.job_file, name="job-file"),
    path("jobs/<int:pk>/progress/", views.job_progress, name="job-progress"),
]
