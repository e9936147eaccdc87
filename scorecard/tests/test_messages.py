"""Every message has a Chinese translation, and the tool that says so can tell when one has not."""

import importlib.util
from pathlib import Path
from types import ModuleType

import polib
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages_tool", ROOT / "scripts" / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_message_has_a_chinese_translation(messages: ModuleType) -> None:
    lacking = [f"{use.path}:{use.line}: {use.message}" for use in messages.missing()]
    assert not lacking, "\n".join(lacking)


def test_the_catalogues_of_installed_packages_count_as_translations(messages: ModuleType) -> None:
    found = messages.installed()
    assert any("django" in path.parts for path in found)
    assert ("", "This field is required.") in messages.translated(found)


def test_translations_keep_their_placeholders(messages: ModuleType) -> None:
    """A placeholder that a translation loses, or invents, breaks the page or leaves a hole in the sentence."""
    import re

    holes = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]")
    wrong = []
    for path in messages.catalogues():
        for entry in polib.pofile(str(path)):
            for text in [entry.msgstr, *entry.msgstr_plural.values()]:
                needed, held = set(holes.findall(entry.msgid)), set(holes.findall(text))
                allowed = needed | set(holes.findall(entry.msgid_plural or ""))
                if text and (needed - held or held - allowed):
                    wrong.append(f"{path.name}: {entry.msgid!r} → {text!r}")
    assert not wrong, "\n".join(wrong)


def test_one_message_has_one_translation(messages: ModuleType) -> None:
    """Catalogues are merged when the program runs, so two translations of one message would overwrite each other."""
    seen: dict[tuple[str, str], tuple[str, Path]] = {}
    doubled = []
    for path in messages.catalogues():
        if messages.LOCALE not in path.parts:
            continue
        for entry in polib.pofile(str(path)):
            key, text = (entry.msgctxt or "", entry.msgid), entry.msgstr or str(entry.msgstr_plural)
            if key in seen and seen[key][0] != text:
                doubled.append(f"{entry.msgid!r}: {seen[key][0]!r} in {seen[key][1]}, {text!r} in {path}")
            seen.setdefault(key, (text, path))
    assert not doubled, "\n".join(doubled)


def test_python_messages_are_found(messages: ModuleType) -> None:
    source = (
        "from django.utils.translation import gettext_lazy as _, ngettext, pgettext\n"
        "from elsewhere import gettext\n"
        'a = _("One")\nb = ngettext("{n} row", "{n} rows", n)\nc = pgettext("page", "Next")\n'
        'd = gettext("foreign")\ne = _(f"made {up}")\nf = _(variable)\n'
    )
    found = [(use.message, use.context, use.plural) for use in messages.from_python(source, "x.py")]
    assert found == [
        ("One", "", ""),
        ("{n} row", "", "{n} rows"),
        ("Next", "page", ""),
        ("f'made {up}'", "", ""),
    ]


def test_template_messages_are_found(messages: ModuleType) -> None:
    source = (
        "{% load i18n %}<p>{% translate 'One (1)' %}</p>\n"
        '{% translate "Next" context "page" %} {% tag _("Two") %}\n'
        "{% blocktranslate trimmed count n=n %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}\n"
    )
    found = [(use.line, use.message, use.context, use.plural) for use in messages.from_template(source, "x.html")]
    assert (1, "One (1)", "", "") in found
    assert (2, "Next", "page", "") in found
    assert (2, "Two", "", "") in found
    assert (3, "%(n)s row", "", "%(n)s rows") in found


def test_missing_and_compile_in_a_small_project(messages: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "banks" / "locale" / "zh_Hans" / "LC_MESSAGES").mkdir(parents=True)
    for name in ("scorecard", "assessments", "templates"):
        (tmp_path / name).mkdir()
    (tmp_path / "banks" / "a.py").write_text(
        "from django.utils.translation import gettext as _\n"
        "x = _('Known here')\ny = _('Lost here')\nz = _('Doubtful')\n",
        encoding="utf-8",
    )
    po = polib.POFile()
    po.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    po.append(polib.POEntry(msgid="Known here", msgstr="已知"))
    po.append(polib.POEntry(msgid="Doubtful", msgstr="存疑", flags=["fuzzy"]))
    path = tmp_path / "banks" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    po.save(str(path))
    assert [(use.path, use.line, use.message) for use in messages.missing(tmp_path)] == [
        ("banks/a.py", 3, "Lost here"),
        ("banks/a.py", 4, "Doubtful"),
    ]
    assert messages.compile_all(tmp_path) == 1
    assert messages.compile_all(tmp_path) == 0
    assert polib.mofile(str(path.with_suffix(".mo"))).find("Known here").msgstr == "已知"
