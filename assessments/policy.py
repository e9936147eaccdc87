"""Who may open which page of this app, put together from the audiences."""

from .policies import bank, rounds, supervisor

POLICY = {**rounds.POLICY, **bank.POLICY, **supervisor.POLICY}
