"""Every read that a page or export of the report's figures needs. The figures are public: any signed-in person reads
them; the loads are the administrator's and the auditor's."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet

from scorecard.access.roles import Role

from .models import Figure, Load, Relation


def visible_figures(actor: Any) -> QuerySet[Figure]:
    """Every figure, for anybody who is signed in."""
    return Figure.objects.all() if actor.is_authenticated else Figure.objects.none()


def visible_relations(actor: Any) -> QuerySet[Relation]:
    """Every relation with its figures, for anybody who is signed in."""
    if not actor.is_authenticated:
        return Relation.objects.none()
    return Relation.objects.select_related("main").prefetch_related("members__figure")


def visible_loads(actor: Any) -> QuerySet[Load]:
    """The loads, for administrators and auditors; uploads that wait are left out of the columns read."""
    if not actor.is_authenticated or not actor.holds(Role.ADMINISTRATOR, Role.AUDITOR):
        return Load.objects.none()
    return Load.objects.select_related("created_by").defer("content")


def counts(actor: Any) -> dict[str, Any]:
    """How many figures there are, by dimension, and how many relations hold and do not; two queries."""
    by_dimension = dict(visible_figures(actor).order_by().values_list("dimension").annotate(n=Count("pk")))
    relations = visible_relations(actor).aggregate(all=Count("pk"), failing=Count("pk", filter=Q(holds=False)))
    return {
        "figures": sum(by_dimension.values()),
        "by_dimension": by_dimension,
        "relations": relations["all"],
        "failing": relations["failing"],
    }


def figures_by_ident(actor: Any, idents: list[str]) -> dict[str, Figure]:
    """Some figures by id, in one query; ids that are not loaded are left out."""
    return {figure.ident: figure for figure in visible_figures(actor).filter(ident__in=idents)}
