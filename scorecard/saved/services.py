"""Keeping, changing and removing filters: one's own alone, each with one event."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from scorecard.access.decisions import Refused
from scorecard.audit.services import record

from .models import NAME_LENGTH, SavedFilter
from .selectors import get_filter, own_filters

MOST = 50


@transaction.atomic
def save_filter(*, actor: Any, path: str, name: str, values: Mapping[str, Sequence[str]], opens: bool) -> SavedFilter:
    """Keep the filters of a list by a name. Raises ``Refused`` with every reason."""
    _lock(actor)
    reasons = list(_of_name(actor, path, name))
    if not values:
        reasons.append(_("No filter of this list is on: set one first."))
    if own_filters(actor).count() >= MOST:
        reasons.append(_("You have saved %(most)d filters, as many as are kept; remove one first.") % {"most": MOST})
    if reasons:
        raise Refused(reasons)
    if opens:
        own_filters(actor).filter(path=path, opens=True).update(opens=False)
    kept = {key: list(texts) for key, texts in values.items()}
    made = SavedFilter.objects.create(user=actor, path=path, name=name.strip(), values=kept, opens=opens)
    _record("filters.saved", actor, made, {"values": kept})
    return made


@transaction.atomic
def change_filter(*, actor: Any, pk: int, name: str, opens: bool) -> SavedFilter:
    """Give a filter another name, or say whether its list opens with it. Raises ``Refused`` with every reason."""
    _lock(actor)
    kept = get_filter(actor, pk)
    if reasons := list(_of_name(actor, kept.path, name, but=pk)):
        raise Refused(reasons)
    if (kept.name, kept.opens) == (name.strip(), opens):
        return kept
    before = {"name": kept.name, "opens": kept.opens}
    if opens:
        own_filters(actor).filter(path=kept.path, opens=True).exclude(pk=pk).update(opens=False)
    kept.name, kept.opens = name.strip(), opens
    kept.save(update_fields=["name", "opens", "saved_at"])
    _record("filters.changed", actor, kept, {"before": before})
    return kept


@transaction.atomic
def remove_filter(*, actor: Any, pk: int) -> SavedFilter:
    """Remove a filter; the list and what it shows stay as they are."""
    _lock(actor)
    kept = get_filter(actor, pk)
    _record("filters.removed", actor, kept, {})
    kept.delete()
    return kept


def _lock(actor: Any) -> None:
    """One write of a person's filters at a time: two windows cannot both make theirs the one that opens."""
    get_user_model()._default_manager.select_for_update().get(pk=actor.pk)


def _of_name(actor: Any, path: str, name: str, but: int | None = None) -> Any:
    name = name.strip()
    if not name:
        yield _("Give the filters a name.")
    if len(name) > NAME_LENGTH:
        yield _("Use at most %(limit)d characters.") % {"limit": NAME_LENGTH}
    if own_filters(actor).filter(path=path, name=name).exclude(pk=but or 0).exists():
        yield _("You have saved filters of this list by the name “%(name)s” already; choose another name.") % {
            "name": name
        }


def _record(event: str, actor: Any, kept: SavedFilter, more: Mapping[str, Any]) -> None:
    said = {"filter": kept.pk, "list": kept.path, "name": kept.name, "opens": kept.opens}
    record(event, actor=actor, target=actor, bank_id=actor.bank_id, data=said | dict(more))
