"""Tables of the audit trail and of background work."""

import json
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tables2.utils import A

from assessments.trail.selectors import object_words
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.audit.registry import title as event_title
from scorecard.columns import ChipColumn, Column, FigureColumn, MomentColumn
from scorecard.jobs.models import Job
from scorecard.jobs.registry import get_kind
from scorecard.tables import BaseTable
from scorecard.ui.jobs import KINDS
from scorecard.words.language import screen_language

SHOWN = 160
ROLE_WORDS = dict(Role.choices)


def roles_in_words(roles: str) -> str:
    """Roles as they were recorded, in the language of the screen."""
    return _(", ").join(str(ROLE_WORDS.get(role, role)) for role in roles.split(",") if role)


class EventTable(BaseTable):
    """The trail, newest first. Names, roles and details are as they were recorded."""

    seq = Column(verbose_name=gettext_lazy("Number"), css="num", linkify=("audit-event", [A("seq")]))
    at = MomentColumn(verbose_name=gettext_lazy("Time"))
    event = Column(verbose_name=gettext_lazy("Event"), css="wrap")
    actor_name = Column(verbose_name=gettext_lazy("Actor"), empty_values=(), css="nowrap")
    roles = Column(verbose_name=gettext_lazy("Roles"))
    bank = Column(verbose_name=gettext_lazy("Bank"), accessor="bank_zh", order_by=("bank_zh", "-seq"), css="nowrap")
    object = Column(
        verbose_name=gettext_lazy("Object"), accessor="object_type", order_by=("object_type", "object_id"), css="nowrap"
    )
    reason = Column(verbose_name=gettext_lazy("Reason"), accessor="data", css="wrap", orderable=False)
    data = Column(verbose_name=gettext_lazy("Recorded details"), css="wrap", orderable=False)
    ip = Column(verbose_name=gettext_lazy("Address"))
    request_id = Column(verbose_name=gettext_lazy("Request"), css="mono", orderable=False)
    code = Column(verbose_name=gettext_lazy("Event code"), accessor="event", css="mono")
    prev_hash = Column(verbose_name=gettext_lazy("Hash of the event before"), orderable=False, export_only=True)
    hash = Column(verbose_name=gettext_lazy("Hash"), css="mono", orderable=False)

    default_columns = ("seq", "at", "event", "actor_name", "bank", "object", "reason")
    empty_title = gettext_lazy("The trail is empty")
    empty_hint = gettext_lazy("Every change, every look into a bank's data and every refusal is recorded here.")
    caption = gettext_lazy("Audit trail")

    class Meta(BaseTable.Meta):
        model = Event
        fields = ()

    def render_event(self, value: str) -> str:
        return event_title(value)

    value_event = render_event

    def render_actor_name(self, value: str) -> str:
        return value or _("The system")

    value_actor_name = render_actor_name

    def render_roles(self, value: str) -> str:
        return roles_in_words(value)

    value_roles = render_roles

    def render_bank(self, record: Any) -> str:
        english = screen_language() == "en"
        return str((english and record.bank_en) or record.bank_zh)

    value_bank = render_bank

    def render_object(self, record: Event) -> str:
        return f"{object_words(record.object_type)} {record.object_id}"

    def value_object(self, record: Event) -> str:
        return f"{record.object_type} {record.object_id}"

    def render_reason(self, value: str) -> str | None:
        """The words that somebody gave for the step, where the event keeps any."""
        reason = json.loads(value).get("reason") if '"reason"' in value else None
        return reason if isinstance(reason, str) else None

    value_reason = render_reason

    def render_data(self, value: str) -> Any:
        if value == "{}":
            return None
        shown = value if len(value) <= SHOWN else value[:SHOWN] + "…"
        return format_html('<code title="{}">{}</code>', value, shown)

    def render_hash(self, value: str) -> Any:
        return format_html('<span title="{}">{}…</span>', value, value[:12])

    def value_hash(self, value: str) -> str:
        return value


class JobTable(BaseTable):
    """Background work, newest first."""

    kind = Column(verbose_name=gettext_lazy("Work"), linkify=("job-detail", [A("pk")]))
    number = Column(verbose_name=gettext_lazy("Number"), accessor="pk", css="num", order_by="pk")
    state = ChipColumn(verbose_name=gettext_lazy("State"), kinds=KINDS)
    done = FigureColumn(verbose_name=gettext_lazy("Done"))
    total = FigureColumn(verbose_name=gettext_lazy("Of"))
    attempt = Column(verbose_name=gettext_lazy("Attempts"), css="num")
    parent = Column(verbose_name=gettext_lazy("Part of"), accessor="parent_id", css="num")
    created_by = Column(verbose_name=gettext_lazy("Asked for by"), empty_values=(), order_by=("created_by__name", "pk"))
    created_at = MomentColumn(verbose_name=gettext_lazy("Asked for at"))
    started_at = MomentColumn(verbose_name=gettext_lazy("Started at"))
    finished_at = MomentColumn(verbose_name=gettext_lazy("Finished at"))
    heartbeat = MomentColumn(verbose_name=gettext_lazy("Last sign of life"))
    error = Column(verbose_name=gettext_lazy("Technical message"), css="wrap", orderable=False)

    default_columns = ("kind", "number", "state", "done", "total", "attempt", "created_by", "created_at", "finished_at")
    empty_title = gettext_lazy("No background work yet")
    empty_hint = gettext_lazy("Scoring, loading and verifying run here, apart from the pages that ask for them.")
    caption = gettext_lazy("Background work")

    class Meta(BaseTable.Meta):
        model = Job
        fields = ()

    def render_kind(self, value: str) -> str:
        return kind_words(value)

    value_kind = render_kind

    def render_created_by(self, value: Any) -> str:
        return str(value) if value else _("The system")

    value_created_by = render_created_by


def kind_words(kind: str) -> str:
    """The words of a kind of job, or its code where no app registers it any more."""
    try:
        return str(get_kind(kind).title)
    except KeyError:
        return kind
