"""Who may open which page of this app, put together from the audiences."""

from assessments.filings import policy as bank
from assessments.money import policy as money
from assessments.reviews import policy as supervisor
from assessments.rounds import policy as rounds
from assessments.trials import policy as trials

POLICY = {**rounds.POLICY, **bank.POLICY, **supervisor.POLICY, **trials.POLICY, **money.POLICY}
