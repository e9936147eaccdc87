"""URLs of meetings."""

from django.urls import URLPattern, path

from assessments.meetings.views import follow_ups, lists, meeting, writing

urlpatterns: list[URLPattern] = [
    path("meetings/", lists.MeetingList.as_view(), name="meeting-list"),
    path("meetings/plan/", writing.meeting_plan, name="meeting-plan"),
    path("meetings/follow-ups/", follow_ups.FollowUpList.as_view(), name="follow-up-list"),
    path("meetings/follow-ups/<int:pk>/<slug:name>/", follow_ups.follow_up_step, name="follow-up-step"),
    path("meetings/<int:pk>/", meeting.meeting_detail, name="meeting-detail"),
    path("meetings/<int:pk>/arrange/", writing.meeting_arrange, name="meeting-arrange"),
    path("meetings/<int:pk>/write/", writing.meeting_write, name="meeting-write"),
    path("meetings/<int:pk>/step/<slug:name>/", meeting.meeting_step, name="meeting-step"),
    path("meetings/<int:pk>/paper/<slug:what>/<slug:form>/", meeting.meeting_paper, name="meeting-paper"),
]
