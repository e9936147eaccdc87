"""Where results of background work stand. Jobs carry ids and data; apps name pages in ``<app>/job_pages.py``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from scorecard.audit.declared import Declared
from scorecard.exports import EXPORT_JOB
from scorecard.jobs.models import Job, JobState
from scorecard.links import Link

Failure = Mapping[str, Any]

_pages: dict[str, "JobPage"] = {}
_declared = Declared("job_pages")


def _own_text(failure: Failure) -> tuple[str, Link | None]:
    return str(failure.get("text", "")), None


@dataclass(frozen=True)
class JobPage:
    """The page of one kind of work: its URL name, and the name of the id that it takes in the job's result or, where
    the result has none, in its parameters ("" for a page that takes no id, several names for one that takes several).

    ``failure`` puts one of the result's ``failures`` into words, with the page where one looks after it.
    """

    page: str
    by: str | tuple[str, ...] = ""
    failure: Callable[[Failure], tuple[str, Link | None]] = _own_text


def register(pages: Mapping[str, JobPage]) -> None:
    """Add the pages of kinds of work. A kind is registered once."""
    for kind, page in pages.items():
        if kind in _pages:
            raise ValueError(f"The page of the job kind {kind} is registered twice.")
        _pages[kind] = page


def _page(kind: str) -> JobPage:
    _declared.load()
    return _pages.get(kind, JobPage(""))


def result_link(job: Job) -> Link | None:
    """The page where the result of finished work stands; None for a kind that has none."""
    known = _page(job.kind)
    if not known.page or job.state != JobState.DONE:
        return None
    if not known.by:
        return Link(known.page)
    names = (known.by,) if isinstance(known.by, str) else known.by
    found = tuple(job.result.get(name, job.params.get(name)) for name in names)
    return None if None in found else Link(known.page, found)


def failures(job: Job) -> list[tuple[str, Link | None]]:
    """What did not succeed, in words, each with its page."""
    words = _page(job.kind).failure
    return [words(failure) for failure in job.result.get("failures", [])]


def _closed(failure: Failure) -> tuple[str, Link | None]:
    return _("The list is no longer open to the person who asked for it."), None


register({EXPORT_JOB: JobPage("job-file", "job", _closed)})
