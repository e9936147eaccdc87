"""URLs of a bank's filing."""

from django.urls import path

from assessments.filings.copies import views as copies
from assessments.filings.versions import views as versions
from assessments.filings.views import (
    evidence,
    extensions,
    filing,
    overview,
    returns,
    sections,
    steps,
    what_if,
    workbook,
)

urlpatterns = [
    path("filing/<int:pk>/", overview.filing_detail, name="filing-detail"),
    path("filing/<int:pk>/section/<slug:page>/", filing.section, name="filing-section"),
    path("filing/<int:pk>/sections/", sections.sections_page, name="filing-sections"),
    path("filing/<int:pk>/section/<slug:page>/mark/", sections.mark, name="filing-mark"),
    path("filing/<int:pk>/report/", filing.report, name="filing-report"),
    path("filing/<int:pk>/check/", filing.check, name="filing-check"),
    path("filing/<int:pk>/autosave/", filing.autosave, name="filing-autosave"),
    path("filing/<int:pk>/panel/", filing.panel, name="filing-panel"),
    path("filing/<int:pk>/what-if/", what_if.filing_whatif, name="filing-whatif"),
    path("filing/<int:pk>/what-if/keep/", what_if.keep, name="filing-whatif-keep"),
    path("filing/<int:pk>/what-if/kept/", what_if.kept_list, name="filing-whatif-kept"),
    path("filing/<int:pk>/what-if/kept/<int:kept>/", what_if.kept_detail, name="filing-whatif-one"),
    path("filing/<int:pk>/workbook/", workbook.workbook, name="filing-workbook"),
    path("filing/<int:pk>/workbook/download/", workbook.download, name="filing-workbook-download"),
    path("filing/<int:pk>/workbook/<int:upload>/", workbook.uploaded, name="filing-workbook-uploaded"),
    path("filing/<int:pk>/workbook/<int:upload>/annotated/", workbook.annotated_copy, name="filing-workbook-annotated"),
    path("filing/<int:pk>/offers/", copies.offers, name="filing-offers"),
    path("filing/<int:pk>/offers/<int:offer_id>/", copies.take, name="filing-offer"),
    path("filing/offers/<int:pk>/end/", copies.end, name="filing-offer-end"),
    path("filing/<int:pk>/returns/", returns.returns, name="filing-returns"),
    path("filing/<int:pk>/returns/<int:upload>/", returns.uploaded, name="filing-return"),
    path("filing/<int:pk>/evidence/", evidence.everything, name="filing-evidence"),
    path("filing/<int:pk>/evidence/<str:indicator>/", evidence.add, name="filing-evidence-add"),
    path("filing/<int:pk>/evidence/<int:evidence>/withdraw/", evidence.withdraw, name="filing-evidence-withdraw"),
    path("filing/<int:pk>/remarks/", steps.remark, name="filing-remark"),
    path("filing/<int:pk>/remarks/<int:remark>/reply/", steps.reply, name="filing-reply"),
    path("filing/<int:pk>/step/<slug:name>/", steps.step, name="filing-step"),
    path("review/<int:pk>/extend/", extensions.extend, name="filing-extend"),
    path("filing/<int:pk>/sign/", steps.sign, name="filing-sign"),
    path("evidence/<int:pk>/", evidence.download, name="evidence-download"),
    path("evidence/<int:pk>/view/", evidence.view, name="evidence-view"),
    path("assessments/<int:pk>/history/", steps.history, name="assessment-history"),
    path("assessments/<int:pk>/versions/<int:number>/", versions.version_detail, name="filing-version"),
    path("assessments/<int:pk>/versions/<int:number>/receipt/", versions.receipt_page, name="filing-receipt"),
    path(
        "assessments/<int:pk>/versions/<int:old>/changes/<int:number>/",
        versions.version_changes,
        name="filing-version-changes",
    ),
    path("filing/<int:pk>/changes/", versions.draft_changes, name="filing-draft-changes"),
    path(
        "assessments/<int:pk>/versions/<int:number>/<slug:what>.<slug:form>",
        versions.document,
        name="filing-document",
    ),
]
