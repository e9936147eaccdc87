"""URLs of the audit trail and of background work."""

from django.urls import path

from assessments.trail.views import AuditList, JobList, audit_event, audit_verify, receipt

urlpatterns = [
    path("audit/", AuditList.as_view(), name="audit-list"),
    path("audit/<int:seq>/", audit_event, name="audit-event"),
    path("audit/verify/", audit_verify, name="audit-verify"),
    path("receipts/<int:pk>/", receipt, name="step-receipt"),
    path("jobs/", JobList.as_view(), name="job-list"),
]
