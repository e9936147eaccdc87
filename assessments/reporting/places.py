"""The page on which a figure of the draft can be looked at."""

from assessments.reporting.queries import MEASURES, MEETINGS, RATINGS, READINGS, REPORT, ROUND, RULEBOOK
from assessments.reporting.sources import Sources
from scorecard.figures.models import Figure
from scorecard.links import Link

#: The addresses of these pages as a document prints them; a test holds them against the URLs.
PATHS = {
    "round-aggregate": "/rounds/{}/figures/",
    "rulebook-detail": "/rulebooks/{}/",
    "round-detail": "/rounds/{}/",
    "measure-list": "/measures/",
    "reading-list": "/readings/",
    "meeting-list": "/meetings/",
    "figures:detail": "/report/figures/{}/",
    "figures:list": "/report/figures/",
}


def path_of(link: Link) -> str:
    """The path of a page, with its query."""
    query = "&".join(f"{name}={value}" for name, value in link.query.items())
    return PATHS[link.page].format(*link.args) + (f"?{query}" if query else "")


def page_of(place: str, sources: Sources, figure: Figure | None = None) -> Link:
    """The page of a place (``queries.PLACES``); of the report's record itself where the figure is one."""
    pages = {
        ROUND: Link("round-aggregate", (sources.round.pk,), query={"banks": sources.kind} if sources.kind else {}),
        RULEBOOK: Link("rulebook-detail", (sources.round.rulebook_id,)),
        RATINGS: Link("round-detail", (sources.round.pk,)),
        MEASURES: Link("measure-list", query={"round": str(sources.round.pk)}),
        READINGS: Link("reading-list"),
        MEETINGS: Link("meeting-list"),
    }
    if place == REPORT:
        return Link("figures:detail", (figure.ident,)) if figure is not None else Link("figures:list")
    return pages[place]
