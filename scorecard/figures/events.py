"""Events of the report's figures."""

from django.utils.translation import gettext_lazy as _

from scorecard.audit.registry import register

register(
    {
        "figures.report.uploaded": _("Report fixture uploaded"),
        "figures.report.shown": _("Changes of report figures shown before loading"),
        "figures.report.agreed": _("Changes of report figures agreed to"),
        "figures.report.discarded": _("Report fixture not loaded"),
        "figures.report.loaded": _("Report fixture loaded"),
        "figures.report.rejected": _("Report fixture rejected"),
    }
)
