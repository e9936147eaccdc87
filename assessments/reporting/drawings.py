"""The charts of the draft: the city's targets, and the grades that were told."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from assessments.reporting.listed import marked
from assessments.reporting.queries import over_banks
from assessments.reporting.sources import Sources
from assessments.scoring.city_charts import target_chart
from scorecard.charts import Bar, Chart, Columns
from scorecard.words.language import in_language


def drawn(name: str, sources: Sources) -> Chart | None:
    """The chart of this name; None where there is nothing to draw."""
    return DRAWINGS[name](sources)


def _targets(sources: Sources) -> Chart | None:
    if sources.snapshot is None:
        return None
    return target_chart(sources.rulebook, sources.snapshot.content, source=over_banks(sources))


def _grades(sources: Sources) -> Chart | None:
    told = sources.told
    if not told.told:
        return None
    most = max(sources.rulebook.grades, key=lambda grade: told.grades.get(grade.id, 0))
    words = _("Of %(all)d results told most are %(grade)s: %(count)d.") % {
        "all": told.told,
        "grade": marked(in_language(most.name), most.name_basis),
        "count": told.grades.get(most.id, 0),
    }
    return Columns(
        finding=words,
        bars=[
            Bar(marked(in_language(grade.name), grade.name_basis), told.grades.get(grade.id, 0))
            for grade in sources.rulebook.grades
        ],
        count_label=_("Results told"),
        unit="家",
        source=over_banks(sources),
    )


DRAWINGS: Mapping[str, Callable[[Sources], Chart | None]] = {"targets": _targets, "grades": _grades}
