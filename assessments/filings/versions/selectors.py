"""One version of a filing, for those who may read the assessment."""

from django.db.models import QuerySet
from django.http import Http404

from assessments.access import get_assessment
from assessments.models import Assessment, FilingVersion
from banks.models import FactEntry, FactSource, User
from banks.selectors.facts import latest

PEOPLE = ("prepared_by", "checked_by", "signed_by")


def get_version(actor: User, pk: int, number: int) -> FilingVersion:
    """The version with its assessment, or 404."""
    assessment = get_assessment(actor, pk)
    return version_numbered(assessment, number)


def numbers_of(assessment: Assessment) -> QuerySet[FilingVersion, int]:
    """The numbers of the versions of an assessment, the first one first."""
    rows = FilingVersion.objects.filter(assessment=assessment).order_by("number")
    return rows.values_list("number", flat=True)


def version_numbered(assessment: Assessment, number: int) -> FilingVersion:
    """The version of this number of an assessment that an access function has given, or 404."""
    found = FilingVersion.objects.filter(assessment=assessment, number=number).select_related(*PEOPLE).first()
    if found is None:
        raise Http404
    found.assessment = assessment
    return found


def return_sources(version: FilingVersion) -> dict[str, str]:
    """Which figures of a version were taken from a return, by fact, with the return, the sheet and the cells."""
    here = version.assessment
    rows = FactEntry.objects.filter(bank=here.bank_id, period=here.round.period, entered_at__lte=version.submitted_at)
    return {
        entry.fact: entry.source_note
        for entry in latest(rows)
        if entry.source == FactSource.RETURN and version.facts.get(entry.fact, {}).get("value") == entry.value
    }
