"""The rail's entries of this app, put together from its nouns."""

from assessments.api import nav as api
from assessments.archives import nav as archives
from assessments.dossier import nav as dossier
from assessments.home import nav as home
from assessments.many import nav as many
from assessments.measures import nav as measures
from assessments.meetings import nav as meetings
from assessments.money import nav as money
from assessments.objections import nav as objections
from assessments.readings import nav as readings
from assessments.reporting import nav as reporting
from assessments.retention import nav as retention
from assessments.reviews import nav as reviews
from assessments.rounds import nav as rounds
from assessments.trials import nav as trials

NAV = [
    *rounds.NAV,
    *reviews.NAV,
    *many.NAV,
    *dossier.NAV,
    *home.NAV,
    *objections.NAV,
    *measures.NAV,
    *readings.NAV,
    *meetings.NAV,
    *trials.NAV,
    *money.NAV,
    *reporting.NAV,
    *archives.NAV,
    *retention.NAV,
    *api.NAV,
]
