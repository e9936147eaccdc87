"""URLs of messages."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("<int:pk>/", views.open_message, name="inbox-open"),
    path("read/", views.read_all, name="inbox-read"),
    path("choice/", views.wishes, name="inbox-wishes"),
    path("mail/", views.MailList.as_view(), name="mail-list"),
    path("mail/<int:pk>/again/", views.mail_again, name="mail-again"),
]
