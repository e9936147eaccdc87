"""What no template may hold: anything that the content security policy would refuse, or a colour of its own."""

import hashlib
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    path for folder in ("templates", "scorecard", "banks", "assessments") for path in (ROOT / folder).rglob("*.html")
)
OWN_CSS = sorted((ROOT / "static" / "css").glob("*.css"))
OWN_JS = sorted((ROOT / "static" / "js").rglob("*.js"))
# The files of others that reach the browser, as the wheels ship them; a changed wheel is noticed here.
SHA256 = {
    "css/bootstrap.min.css": "d85327d99c7a3ee1f9b5d0500d1370acea3ad2db39c163c2f51f232baedbdede",
    "js/bootstrap.bundle.min.js": "e4fd49181388c48ec5040bd3fe66f57c29c8e67fcd8502b3354b96ec7ab47cc7",
    "django_htmx/htmx-2.min.js": "71ea67185bfa8c98c39d31717c6fce5d852370fcdfd129db4543774d3145c0de",
}
FORBIDDEN = {
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.I),
    "an inline style sheet": re.compile(r"<style\b", re.I),
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "hx-on": re.compile(r"\shx-on[:a-z-]*\s*=", re.I),
    "an evaluated htmx value": re.compile(r"hx-(?:vals|headers)\s*=\s*[\"'](?:js|javascript):", re.I),
    "a javascript address": re.compile(r"(?:href|src|action)\s*=\s*[\"']\s*javascript:", re.I),
    "an address of another host": re.compile(
        r"<(?:script|link|img|iframe)[^>]*(?:src|href)\s*=\s*[\"'](?:https?:)?//", re.I
    ),
}
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|rgba|hsl|hsla)\(", re.I)


def offences(text: str) -> list[str]:
    """Which of the forbidden things a template holds; template tags are taken out first, comments too."""
    bare = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", text, flags=re.S)
    bare = re.sub(r"\{\{.*?\}\}", "x", bare, flags=re.S)
    return [name for name, pattern in FORBIDDEN.items() if pattern.search(bare)]


def test_there_are_templates() -> None:
    assert len(TEMPLATES) > 40
    assert ROOT / "templates" / "base.html" in TEMPLATES


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_needs_what_the_policy_refuses(path: Path) -> None:
    assert not offences(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<script>go()</script>", "an inline script"),
        ('<script type="module">go()</script>', "an inline script"),
        ("<style>p{}</style>", "an inline style sheet"),
        ('<p class="a" style="color: red">', "a style attribute"),
        ('<svg><rect\n style="fill:red"/></svg>', "a style attribute"),
        ('<button {% if x %}disabled{% endif %} onclick="go()">', "an event attribute"),
        ('<div hx-on:click="go()">', "hx-on"),
        ("<div hx-vals='js:{a: 1}'>", "an evaluated htmx value"),
        ('<a href="javascript:go()">', "a javascript address"),
        ('<script src="https://cdn.example/x.js">', "an address of another host"),
        ('<link rel="stylesheet" href="//cdn.example/x.css">', "an address of another host"),
    ],
)
def test_offences_are_seen(text: str, name: str) -> None:
    assert offences(text) == [name]


def test_harmless_markup_is_no_offence() -> None:
    assert not offences("<script src=\"{% static 'js/app.js' %}\" defer></script><p>{# <style> #}on=1 style=2</p>")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_two_regions_of_a_page_have_one_name(path: Path) -> None:
    """A section and its table that are named by the same heading are two places of one name to screen readers."""
    names = re.findall(r'aria-labelledby="([^"{]+)"', path.read_text(encoding="utf-8"))
    assert not {name for name in names if names.count(name) > 1}


@pytest.mark.parametrize("path", OWN_CSS, ids=lambda path: path.name)
def test_colours_stand_in_the_tokens_alone(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    if path.name == "tokens.css":
        assert COLOUR.search(text)
    else:
        assert not COLOUR.search(text), COLOUR.findall(text)
    assert "http" not in text.replace('a[href^="http"]', "")
    assert "@import" not in text


@pytest.mark.parametrize("path", OWN_JS, ids=lambda path: path.name)
def test_own_scripts_build_no_code_and_ask_no_other_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\beval\(|new Function|innerHTML\s*=|document\.write|https?://", text)


def test_every_token_used_is_defined_in_light_and_dark() -> None:
    tokens = (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    light, dark = tokens.split('[data-bs-theme="dark"]')[0], tokens.split('[data-bs-theme="dark"]')[1]
    used = {
        name for path in OWN_CSS for name in re.findall(r"var\((--(?!bs-)[\w-]+)\)", path.read_text(encoding="utf-8"))
    }
    defined = set(re.findall(r"(--[\w-]+):", tokens))
    assert used <= defined, used - defined
    # A name that has a colour in light has one in dark; the rest (sizes, distances) stands after the dark block.
    named = set(re.findall(r"(--[\w-]+):", light))
    assert named <= set(re.findall(r"(--[\w-]+):", dark)), named - set(re.findall(r"(--[\w-]+):", dark))


def contrast(one: str, two: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2, 1.4.3)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_contrast_is_enough_in_both_themes(theme: str) -> None:
    tokens = (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    part = tokens.split('[data-bs-theme="dark"]')[theme == "dark"]
    colour = dict(re.findall(r"(--[\w-]+):\s*(#[0-9a-f]{6})", part))
    pairs = [
        (ink, ground)
        for ink in ("--text", "--text-2", "--accent")
        for ground in ("--ground", "--surface", "--surface-2")
    ]
    pairs += [(f"--{m}", f"--{m}-soft") for m in ("good", "attention", "bad", "info", "accent")]
    pairs += [(f"--{m}", "--surface") for m in ("good", "attention", "bad", "info")]
    pairs += [
        ("--accent-text", "--accent"),
        ("--accent-text", "--accent-hover"),
        ("--text", "--good-soft"),
        ("--text", "--bad-soft"),
    ]
    pairs += [("--heat-ink-low", f"--heat-{i}") for i in range(3)] + [
        ("--heat-ink-high", f"--heat-{i}") for i in (3, 4)
    ]
    weak = {pair: round(contrast(colour[pair[0]], colour[pair[1]]), 2) for pair in pairs}
    assert not {pair: ratio for pair, ratio in weak.items() if ratio < 4.5}
    # Marks that are not text, and the borders of fields, need three to one.
    marks = [
        ("--line-strong", "--surface"),
        ("--chart-own", "--surface"),
        ("--focus", "--ground"),
        ("--focus", "--surface"),
    ]
    assert not {
        pair: contrast(colour[pair[0]], colour[pair[1]])
        for pair in marks
        if contrast(colour[pair[0]], colour[pair[1]]) < 3
    }


@pytest.mark.parametrize("name", SHA256)
def test_files_of_others_are_the_ones_we_know(name: str) -> None:
    found = finders.find(name)
    assert found, f"{name} is not in the installed packages."
    assert hashlib.sha256(Path(str(found)).read_bytes()).hexdigest() == SHA256[name]


# --- Addresses -------------------------------------------------------------------------------------------------------
BLOCK = re.compile(
    r"{%\s*block\s+(\w+).*?%}|{%\s*endblock\b.*?%}|{%\s*url\b[^%]*?\bas\s+(\w+)\s*%}|(\w+_url)\b(?=[^{}]*[%}]})"
)


def lost_addresses(text: str) -> set[str]:
    """Names of addresses that are used in another block than the one that makes them: what a block sets ends with it,
    and the link leads to the page that one is on."""
    blocks, made, used = [""], set(), set()
    for found in BLOCK.finditer(text):
        block, name, use = found.groups()
        if block:
            blocks.append(block)
        elif name:
            made.add((blocks[-1], name))
        elif use:
            used.add((tuple(blocks), use))
        elif len(blocks) > 1:
            blocks.pop()
    names = {name for _block, name in made}
    return {use for inside, use in used if use in names and not any((block, use) in made for block in inside)}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_link_uses_an_address_of_another_block(path: Path) -> None:
    assert not lost_addresses(path.read_text(encoding="utf-8"))


def test_an_address_of_another_block_is_noticed() -> None:
    made = '{% block breadcrumb %}{% url "home" as home_url %}{% breadcrumb _("Home") home_url %}{% endblock %}'
    assert lost_addresses(made + '{% block content %}<a href="{{ home_url }}">x</a>{% endblock %}') == {"home_url"}
    assert not lost_addresses(made + "{% block content %}{% url 'home' as home_url %}{{ home_url }}{% endblock %}")
    assert not lost_addresses(made + "{% block content %}{{ cancel_url }}{% endblock %}")
