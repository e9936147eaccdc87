"""Who may open which page of this app, put together from the audiences."""

from .policies import bank, money, rounds, supervisor, trials

POLICY = {**rounds.POLICY, **bank.POLICY, **supervisor.POLICY, **trials.POLICY, **money.POLICY}
