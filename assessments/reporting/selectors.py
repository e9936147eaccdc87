"""The draft of a round: chapters with every figure found, or named as a gap."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from assessments.access import get_round, visible_rounds
from assessments.models import Round, RoundState
from assessments.reporting.chapters import Chapter, Part, Token, Word, chapters, record_names
from assessments.reporting.listed import Listed, listed
from assessments.reporting.printing import as_printed
from assessments.reporting.queries import PLACES, QUERIES, REPORT, Answer
from assessments.reporting.sources import Sources, read_sources
from banks.models import User
from scorecard.figures.models import Figure
from scorecard.words.language import by_language, in_language


@dataclass(frozen=True)
class Number:
    """One figure in a sentence, or the gap where the system does not hold it.

    ``verb`` is the word for a rise or a fall before it. ``place`` is where it comes from (``queries.PLACES``),
    ``figure`` the report's record that it is or stands beside, ``reported`` how that one is printed, ``why`` the reason
    of a gap.
    """

    order: int
    label: str
    place: str
    query: str
    text: str = ""
    verb: str = ""
    scope: str = ""
    why: str = ""
    figure: Figure | None = None
    reported: str = ""

    @property
    def is_gap(self) -> bool:
        """Whether the system does not hold it."""
        return not self.text

    @property
    def differs(self) -> bool:
        """Whether the report prints something else."""
        return bool(self.text and self.reported and self.text != self.reported)

    @property
    def shown(self) -> str:
        """What stands in the sentence."""
        return self.text or f"【缺：{self.label}】"


Sentence = tuple[str | Number, ...]


@dataclass(frozen=True)
class DraftPart:
    """A heading with its sentences, tables and the names of its charts."""

    part: Part
    sentences: tuple[Sentence, ...]
    tables: tuple[Listed, ...]


@dataclass(frozen=True)
class DraftChapter:
    """One chapter of the draft."""

    chapter: Chapter
    parts: tuple[DraftPart, ...]


@dataclass(frozen=True)
class Draft:
    """The chosen chapters of one round, every figure in the order of reading."""

    sources: Sources
    chapters: tuple[DraftChapter, ...]
    numbers: tuple[Number, ...] = field(default=())

    @property
    def round(self) -> Round:
        """The round whose year the draft tells of."""
        return self.sources.round

    @property
    def gaps(self) -> list[Number]:
        """What the system does not hold, in the order of reading."""
        return [number for number in self.numbers if number.is_gap]

    @property
    def missing_tables(self) -> list[Listed]:
        """The tables of which the system holds nothing."""
        return [table for chapter in self.chapters for part in chapter.parts for table in part.tables if not table.rows]

    @property
    def held(self) -> list[Number]:
        """What is printed."""
        return [number for number in self.numbers if not number.is_gap]

    @property
    def scopes(self) -> list[str]:
        """The scopes of what is printed, each once; figures name theirs by its place in this list, from 1."""
        return list(dict.fromkeys(number.scope for number in self.held))

    @property
    def differing(self) -> list[Number]:
        """What the round gives otherwise than the report of its year."""
        return [number for number in self.numbers if number.differs]


def rounds_to_draft(actor: User) -> list[Round]:
    """The rounds that a draft can tell of, the newest year first: those that were opened."""
    return list(
        visible_rounds(actor).exclude(state=RoundState.PLANNED).select_related("rulebook").order_by("-year", "-pk")
    )


def draft_of(actor: User, round_id: int, chosen: Iterable[str]) -> Draft:
    """The chosen chapters of a round, in the report's order; 404 for a round that the actor does not see."""
    wanted = frozenset(chosen)
    return composed(sources_of(actor, round_id, wanted), wanted)


def sources_of(actor: User, round_id: int, wanted: Collection[str], kind: str = "") -> Sources:
    """What these chapters need of a round; ``kind``: of institutions of this kind alone."""
    tokens = [token for id, chapter in chapters().items() if id in wanted for token in chapter.tokens()]
    records = {name for token in tokens for name in (token.query, token.record) if name[:1].isdecimal()}
    return read_sources(actor, get_round(actor, round_id), records, kind)


def composed(sources: Sources, chosen: Collection[str]) -> Draft:
    """The chapters out of what was read, in the language that is active; reads nothing."""
    found = [chapter for id, chapter in chapters().items() if id in chosen]
    numbers: list[Number] = []
    made = tuple(_chapter(chapter, sources, numbers) for chapter in found)
    return Draft(sources, made, tuple(numbers))


def _chapter(chapter: Chapter, sources: Sources, numbers: list[Number]) -> DraftChapter:
    parts = []
    for part in chapter.parts:
        sentences = tuple(_sentence(sentence, sources, numbers) for sentence in part.text)
        parts.append(DraftPart(part, sentences, tuple(listed(name, sources) for name in part.tables)))
    return DraftChapter(chapter, tuple(parts))


def _sentence(sentence: Iterable[str | Word | Token], sources: Sources, numbers: list[Number]) -> Sentence:
    found: list[str | Number] = []
    for piece in sentence:
        if isinstance(piece, Token):
            number = _number(piece, sources, len(numbers) + 1)
            numbers.append(number)
            if number.verb:
                found.append(number.verb)
            found.append(number)
        else:
            found.append(piece if isinstance(piece, str) else _word(piece, sources))
    return tuple(found)


def _word(word: Word, sources: Sources) -> str:
    words: Mapping[str, str] = {
        "year": str(sources.round.year),
        "last": str(sources.round.year - 1),
        "rulebook": in_language(sources.rulebook.title) if word.name == "rulebook" else "",
    }
    return words[word.name]


def _number(token: Token, sources: Sources, order: int) -> Number:
    return _recorded(token, sources, order) if token.is_record else _queried(token, sources, order)


def _recorded(token: Token, sources: Sources, order: int) -> Number:
    figure = sources.records.get(token.query)
    section = token.query.rpartition("-")[0]
    query = _("%(place)s, section %(section)s") % {"place": PLACES[REPORT], "section": section}
    if figure is None:
        why = _("no figure of %(year)s is loaded") % {"year": sources.round.year}
        return Number(order, record_names()[token.query], REPORT, query, why=why)
    label = by_language(figure.indicator_zh, figure.indicator_en)
    falls = figure.number < 0
    scope = _("as the report of %(year)s prints it, of its own scope") % {"year": sources.round.year}
    return Number(
        order, label, REPORT, query, as_printed(figure), token.down if falls else token.up, scope, figure=figure
    )


def _queried(token: Token, sources: Sources, order: int) -> Number:
    query = QUERIES[token.query]
    words = f"{PLACES[query.place]}{_(': ')}{query.label}"
    # The report tells of the whole city: nothing of a part of it stands beside its figures.
    figure = sources.records.get(token.record) if not sources.kind else None
    reported = as_printed(figure) if figure is not None else ""
    answer: Answer | None = query.read(sources)
    if answer is None:
        why = (
            _("the round's figures have not been computed")
            if sources.snapshot is None
            else _("the system has no entry of it for %(year)s") % {"year": sources.round.year}
        )
        return Number(order, str(query.label), query.place, words, why=why, figure=figure, reported=reported)
    verb = token.down if answer.falls else token.up
    return Number(
        order, str(query.label), query.place, words, answer.text, verb, answer.scope, figure=figure, reported=reported
    )
