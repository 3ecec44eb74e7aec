"""The calls of the API: what each asks, answers and does. The pages show what the same functions give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from copydesk.web import asked as a
from copydesk.web.compare import compare
from copydesk.web.decisions import decide, decisions, undo
from copydesk.web.finding import find
from copydesk.web.index import Index
from copydesk.web.record import dates, figures, statements
from copydesk.web.sources import source, sources
from copydesk.web.stories import stories
from copydesk.web.story import copies, copy, differences, story, variant, variants


class Call(NamedTuple):
    """A call: `does` answers what is `asked` with a value of type `answer`; `says` is what it is for."""

    method: str
    path: str
    asked: type[a.Asked]
    answer: type
    does: Callable[[Index, Any], Any]
    says: str


CALLS = (
    Call("GET", "/api/stories", a.StoriesAsked, a.Stories, stories, "Stories: searched, filtered and in order"),
    Call("GET", "/api/story", a.StoryAsked, a.Story, story, "A story: its edition, its versions, where its variants stand"),
    Call("GET", "/api/variants", a.VariantsAsked, a.Variants, variants, "The variants of a story with their readings"),
    Call("GET", "/api/variant", a.VariantAsked, a.VariantOf, variant, "A variant with its readings"),
    Call("GET", "/api/copies", a.CopiesAsked, a.Copies, copies, "The copies of a story, and where each differs"),
    Call("GET", "/api/copy", a.CopyAsked, a.CopyText, copy, "A copy as it was read"),
    Call("GET", "/api/differences", a.DifferencesAsked, a.Differences, differences, "What a copy lost, added and altered"),
    Call("GET", "/api/compare", a.CompareAsked, a.Compared, compare, "Two copies of a story, or one and the edition, aligned"),
    Call("GET", "/api/statements", a.RecordAsked, a.Statements, statements, "Who said what, and through whom"),
    Call("GET", "/api/dates", a.RecordAsked, a.Dates, dates, "The dates that texts name, in order of time"),
    Call("GET", "/api/figures", a.RecordAsked, a.Figures, figures, "The figures that texts give"),
    Call("GET", "/api/sources", a.SourcesAsked, a.Sources, sources, "The sources, and what each does to texts"),
    Call("GET", "/api/source", a.SourceAsked, a.SourceTold, source, "A source over time, with examples"),
    Call("GET", "/api/decisions", a.DecisionsAsked, a.Decisions, decisions, "The choices of a story that readers overruled"),
    Call("POST", "/api/find", a.FindAsked, a.Found, find, "Which stories have a text, or a part of it"),
    Call("POST", "/api/decide", a.DecisionAsked, a.Done, decide, "Overrule the choice at a variant"),
    Call("POST", "/api/undo", a.UndoAsked, a.Done, undo, "Take back a decision"),
)
