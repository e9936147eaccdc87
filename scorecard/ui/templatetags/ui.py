"""Components of every page. ``docs/pages.md`` shows each with an example."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import template
from django.forms import BoundField, Form
from django.http import QueryDict
from django.template.base import Node, NodeList, Parser, Token
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from scorecard.audit.registry import title as event_title
from scorecard.charts import Chart
from scorecard.jobs.models import Job
from scorecard.links import Link
from scorecard.ui.icons import icon as draw_icon
from scorecard.ui.jobs import describe
from scorecard.ui.links import address as link_address
from scorecard.words import formats
from scorecard.words.language import in_language
from scorecard.words.sources import clause, provenance

register = template.Library()

KIND_ICONS = {
    "good": "check-circle",
    "attention": "exclamation-triangle",
    "bad": "x-circle",
    "info": "information-circle",
    "neutral": "minus-circle",
}
MESSAGE_KINDS = {"success": "good", "warning": "attention", "error": "bad", "info": "info", "debug": "neutral"}
DASH = mark_safe('<span class="nothing">—</span>')  # nosec B308


class CaptureNode(Node):
    """Renders its content into a variable, so that a block is written once and shown twice (title and heading)."""

    def __init__(self, nodelist: NodeList, name: str) -> None:
        self.nodelist, self.name = nodelist, name

    def render(self, context: Context) -> str:
        context.dicts[0][self.name] = mark_safe(self.nodelist.render(context).strip())  # noqa: S308  # nosec: rendered
        return ""


@register.tag
def capture(parser: Parser, token: Token) -> CaptureNode:
    """``{% capture name %}…{% endcapture %}``."""
    _tag, name = token.split_contents()
    nodelist = parser.parse(("endcapture",))
    parser.delete_first_token()
    return CaptureNode(nodelist, name)


# --- Words with a meaning ---------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, size: int = 16, extra: str = "") -> SafeString:
    """An icon beside a word; it is hidden from screen readers."""
    return draw_icon(name, size, extra)


@register.simple_tag
def kind_icon(kind: str, size: int = 18) -> SafeString:
    """The icon of one of the meanings good, attention, bad, info, neutral."""
    return draw_icon(KIND_ICONS[kind], size)


@register.filter
def message_kind(level: str) -> str:
    """Django's message level as one of our meanings."""
    return MESSAGE_KINDS.get(level, "info")


@register.simple_tag
def chip(text: Any, kind: str = "neutral", icon: str = "", url: str = "") -> SafeString:
    """A state: colour, icon and word together. ``kind`` is good, attention, bad, info or neutral."""
    if text in (None, ""):
        return DASH
    drawn = draw_icon(icon or KIND_ICONS[kind], 14)
    if url:
        return format_html('<a class="chip chip-{}" href="{}">{}<span>{}</span></a>', kind, url, drawn, text)
    return format_html('<span class="chip chip-{}">{}<span>{}</span></span>', kind, drawn, text)


@register.simple_tag(name="deadline")
def deadline_tag(at: datetime | None, label: Any = "", done: bool = False) -> SafeString:
    """A deadline in words and as a date: "还剩 3 天 · 2026-12-01 17:00"."""
    if at is None:
        return DASH
    due = formats.deadline(at, done=done)
    date = format_html('<time datetime="{}">{}</time>', at.isoformat(), formats.moment(at))
    parts = format_html_join(" · ", "{}", [(part,) for part in (label, due.words, date) if part])
    return format_html(
        '<span class="deadline deadline-{}">{}<span>{}</span></span>', due.kind, draw_icon("clock", 16), parts
    )


@register.filter
def moment(at: datetime | None) -> str:
    """Date and time in Shanghai."""
    return formats.moment(at)


@register.filter
def address(link: Link | None) -> str:
    """The address of a page that a service or a selector named; "" where there is none."""
    return link_address(link)


@register.filter
def filesize(count: int) -> str:
    """Bytes in words."""
    return formats.size(count)


@register.simple_tag
def figure(
    value: Any, unit: str = "", digits: int | None = None, sign: bool = False, bare: bool = False, keep: bool = False
) -> SafeString:
    """A figure with its unit, every digit in the title. ``bare`` leaves the unit to the table's head; ``keep`` shows
    the figure in the unit it has."""
    shown = formats.show(value, unit, digits, sign=sign, keep=keep or bare)
    if shown is None:
        return DASH
    if bare or not shown.unit:
        return format_html('<span class="figure" title="{}">{}</span>', shown.exact, shown.text)
    if shown.unit == "%":
        return format_html('<span class="figure" title="{}">{} %</span>', shown.exact, shown.text)
    return format_html(
        '<span class="figure" title="{}">{} <span class="unit">{}</span></span>', shown.exact, shown.text, shown.unit
    )


@register.simple_tag
def change(now: Any, before: Any, unit: str = "", digits: int | None = None, keep: bool = False) -> SafeString:
    """The difference to an earlier value with its sign; for rates in percentage points (个百分点)."""
    new, old = formats.to_number(now), formats.to_number(before)
    if new is None or old is None:
        return DASH
    if unit in ("fraction", "percent", "%"):
        difference, unit = (new - old) * (100 if unit == "fraction" else 1), "pp"  # type: ignore[operator]
    else:
        difference = new - old  # type: ignore[operator]
    return figure(difference, unit, digits, sign=True, keep=keep)


@register.filter
def unit_name(unit: str) -> str:
    """The unit in the language of the screen."""
    return formats.unit_name(unit)


@register.filter
def unit_after(unit: str) -> str:
    """The unit as it follows a number."""
    return formats.unit_after(unit)


register.filter("in_language", in_language)
register.filter("provenance", provenance)
register.filter("clause", clause)


@register.simple_tag
def basis(code: str) -> SafeString:
    """Where a rule's number comes from; anything but "sourced" says that it is not the supervisor's own."""
    if not code:
        return SafeString("")
    known = formats.BASES[code]
    return format_html('<span class="basis basis-{}" title="{}">{}</span>', code, known.meaning, known.word)


# --- Blocks -------------------------------------------------------------------------------------------------------


@register.inclusion_tag("includes/breadcrumb.html")
def breadcrumb(*pairs: Any) -> dict[str, Any]:
    """``{% breadcrumb _("Banks") url bank "" %}``: titles and addresses in turn; the last address is empty."""
    return {"crumbs": list(zip(pairs[::2], pairs[1::2], strict=True))}


@register.inclusion_tag("includes/empty.html")
def empty_state(title: Any, hint: Any = "", url: str = "", action: Any = "", icon: str = "inbox") -> dict[str, Any]:
    """Nothing to show: why, and what to do."""
    return {"title": title, "hint": hint, "url": url, "action": action, "icon": icon}


@register.inclusion_tag("includes/error_summary.html")
def error_summary(form: Form, title: Any = "") -> dict[str, Any]:
    """The form's errors on top of the page, each linked to its field."""
    items = [
        (
            f"#{form[name].id_for_label or form[name].auto_id}" if name in form.fields else "",
            form[name].label if name in form.fields else "",
            error,
        )
        for name, errors in form.errors.items()
        for error in errors
    ]
    return {"items": items, "title": title}


@register.inclusion_tag("includes/field.html")
def field(
    bound: BoundField,
    unit: str = "",
    last: Any = None,
    last_label: Any = "",
    help: Any = "",
    clause: Any = "",
    clause_url: str = "",
    number: bool = False,
) -> dict[str, Any]:
    """One form field: label above, unit at the field's end, last year's value and the change beside it, help on demand.

    ``last`` is last year's value in ``unit``. The field's ``help_text`` always shows; ``help`` opens on demand.
    """
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "") or type(widget).__name__.lower()
    described = [f"{bound.auto_id}-error"] if bound.errors else []
    if bound.help_text:
        described.append(f"{bound.auto_id}-help")
    css = "form-select" if kind == "select" else "form-check-input" if kind == "checkbox" else "form-control"
    attrs: dict[str, str | bool] = {
        "class": f"{css} {widget.attrs.get('class', '')} {'field-number' if number or unit else ''}".strip()
    }
    # A browser cuts what is pasted at ``maxlength`` without a word; the page says instead by how much it is too long.
    if limit := widget.attrs.get("maxlength"):
        attrs |= {"maxlength": False, "data-limit": str(limit)}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
        attrs["class"] = f"{attrs['class']} is-invalid"
    many = kind in ("radio", "checkboxselectmultiple", "radioselect") or (
        kind == "checkbox" and hasattr(widget, "choices")
    )
    return {
        "bound": bound,
        "widget": bound.as_widget(attrs={} if many else attrs),
        "many": many,
        "single_check": kind == "checkbox" and not many,
        "unit": formats.unit_name(unit),
        "raw_unit": unit,
        "last": last,
        "last_label": last_label or _("Last year"),
        "value": bound.value(),
        "help": help,
        "clause": clause,
        "clause_url": clause_url,
    }


@register.inclusion_tag("includes/definitions.html")
def definitions(rows: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    """A list of terms and what holds for each; a missing value is a dash."""
    return {"rows": list(rows)}


@register.inclusion_tag("includes/tabs.html", takes_context=True)
def tabs(context: Context, items: Iterable[tuple[Any, ...]]) -> dict[str, Any]:
    """Tabs as links: ``(title, url)`` or ``(title, url, count)``; the one whose path is on the screen is current."""
    path = context["request"].path
    rows = [(item[0], item[1], item[2] if len(item) > 2 else None) for item in items]
    return {"rows": [(title, url, count, url.partition("?")[0] == path) for title, url, count in rows]}


@register.inclusion_tag("includes/timeline.html")
def timeline(events: Iterable[Any]) -> dict[str, Any]:
    """Audit events as sentences, in the order given: what, by whom, when."""
    return {"events": [(event_title(event.event), event) for event in events]}


@register.inclusion_tag("includes/explanation.html")
def explanation(node: Mapping[str, Any] | None, open_levels: int = 1, id: str = "explanation") -> dict[str, Any]:
    """The engine's explanation tree (its JSON) as nested parts; ``open_levels`` of them are open at first."""
    return {"node": node, "open_levels": open_levels, "id": id}


@register.inclusion_tag("includes/explanation_node.html")
def explanation_node(node: Mapping[str, Any], open_levels: int) -> dict[str, Any]:
    """One node of the tree and, by itself, those below."""
    return {"node": node, "open": open_levels > 0, "below": open_levels - 1}


@register.inclusion_tag("includes/job.html")
def job_progress(job: Job, then: str = "stay") -> dict[str, Any]:
    """The progress of a job, asked for every second while it is active.

    ``then`` says what happens once it is done: ``stay``, ``reload`` this page, or ``go`` to the address in the result.
    """
    return {"job": describe(job), "then": then}


@register.inclusion_tag("includes/pagination.html", takes_context=True)
def pagination(context: Context, page: Any, field: str = "page", target: str = "") -> dict[str, Any]:
    """Links to the other pages of a list; keeps every other parameter of the address."""
    return {
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
        "ellipsis": page.paginator.ELLIPSIS,
        "field": field,
        "params": context["request"].GET,
        "target": target,
    }


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """The address's own parameters with changes: ``{% query page=2 %}``; None takes one out."""
    request = context.get("request")
    params: QueryDict = (request.GET if request else context["params"]).copy()
    for name, value in changes.items():
        if value is None:
            params.pop(name, None)
        else:
            params[name] = str(value)
    return f"?{params.urlencode()}" if params else "?"


@register.simple_tag
def with_params(params: QueryDict, **changes: Any) -> str:
    """The same, over parameters that were handed on."""
    changed = params.copy()
    for name, value in changes.items():
        changed[name] = str(value)
    return f"?{urlencode(list(changed.lists()), doseq=True)}"


@register.simple_tag
def chart(data: Chart) -> SafeString:
    """A chart of ``scorecard.charts``: the finding, the drawing for wide and for narrow places, and its table."""
    return data.render()


@register.filter
def node_value(node: Mapping[str, Any]) -> str:
    """A node's value as it is read: a figure with its unit, met or not met, or the engine's own word."""
    value, unit = node.get("value"), node.get("unit", "")
    if unit == "%":  # the engine's rates are plain fractions
        unit = "fraction"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    shown = formats.show(value, unit)
    if not shown and node.get("kind") == "fact" and in_language(node.get("text")):
        return ""  # the items of a checklist are stored by their codes; the sentence that follows names them
    return str(shown) if shown else str(value if value is not None else "")
