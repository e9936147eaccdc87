"""What differs between the cases that wait for a person: how much is to be done in each, and what stands out."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import Assessment, Evidence, Review, ReviewEntry, ScanState
from assessments.reviews.selectors import needs_view
from assessments.rulebooks.cache import engine_rulebook
from scorecard.engine.values.numbers import plain
from scorecard.words.language import in_language


def differences(cases: Iterable[Assessment]) -> dict[int, list[str]]:
    """By case, in a few words: what is left to look at, missing evidence, targets missed or to be decided, and the
    total so far. Two queries, however many cases.
    """
    cases = [case for case in cases if case.version is not None]
    versions = {case.version_id for case in cases}
    looked: dict[int, set[str]] = defaultdict(set)
    for version, indicator in ReviewEntry.objects.filter(version__in=versions).values_list("version", "indicator"):
        looked[version].add(indicator)
    ids = {pk for case in cases if case.version for pk in case.version.evidence}
    filed: dict[int, set[str]] = defaultdict(set)
    files = Evidence.objects.filter(pk__in=ids).exclude(scan__state=ScanState.REFUSED)
    for assessment, indicator in files.values_list("assessment", "indicator"):
        filed[assessment].add(indicator)
    return {case.pk: list(_words(case, looked[case.version_id], filed[case.pk])) for case in cases if case.version_id}


def _words(case: Assessment, looked: set[str], filed: set[str]) -> Iterable[str]:
    rulebook = engine_rulebook(case.round.rulebook)
    indicators = rulebook.indicators.values()
    if case.review_state in (Review.WAITING, Review.FIRST):
        left = sum(needs_view(spec) and spec.id not in looked for spec in indicators)
        yield ngettext("%(n)d to look at", "%(n)d to look at", left) % {"n": left}
        if missing := sum(bool(spec.evidence) and spec.id not in filed for spec in indicators):
            yield ngettext("%(n)d without evidence", "%(n)d without evidence", missing) % {"n": missing}
    run = case.counted_run
    if run is None:
        return
    letters = list(zip(rulebook.targets.values(), run.targets, strict=False))
    for letter, words in (("x", _("missed: %(names)s")), ("u", _("to be decided: %(names)s"))):
        if names := [in_language(spec.short) for spec, found in letters if found == letter]:
            yield words % {"names": _(", ").join(names)}
    total, pending = Decimal(run.total), Decimal(run.pending)
    if pending:
        yield _("%(low)s to %(high)s points") % {"low": plain(total), "high": plain(total + pending)}
    else:
        yield _("%(points)s points") % {"points": plain(total)}
