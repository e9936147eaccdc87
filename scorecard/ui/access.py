"""Which background work somebody may look at."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from scorecard.access.decisions import Hidden
from scorecard.access.roles import SUPERVISOR_ROLES
from scorecard.access.row_security import unbound
from scorecard.jobs.models import Job


def visible_jobs(actor: Any) -> QuerySet[Job]:
    """One's own jobs; a bank's people see those of their bank; supervisors see all."""
    if actor.bank_id is None and actor.holds(*SUPERVISOR_ROLES):
        return Job.objects.all()
    mine = Q(created_by=actor)
    return Job.objects.filter(mine | Q(bank_id=actor.bank_id) if actor.bank_id is not None else mine)


def get_job(actor: Any, pk: int) -> Job:
    """One job, or 404: ``Hidden`` (recorded) for one that exists and is not the actor's to see."""
    job = visible_jobs(actor).select_related("created_by").filter(pk=pk).first()
    if job is None:
        with unbound():
            other = Job.objects.filter(pk=pk).only("bank_id").first()
        if other is not None:
            raise Hidden(bank_id=other.bank_id, target=other)
        raise Http404
    return job
