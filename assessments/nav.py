"""The rail's entries of this app, put together from its nouns."""

from assessments.money import nav as money
from assessments.objections import nav as objections
from assessments.reviews import nav as reviews
from assessments.rounds import nav as rounds
from assessments.trials import nav as trials

NAV = [*rounds.NAV, *reviews.NAV, *objections.NAV, *trials.NAV, *money.NAV]
