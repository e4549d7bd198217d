"""Search of tariff lines by code or words. Traditional, Simplified and Japanese characters match each other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from weakref import WeakKeyDictionary

from tradewinds.core.errors import InputError
from tradewinds.world.lines import Lines
from tradewinds.world.lines.schema import KEY, LANGUAGES

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class Found:
    """One line found: its key, the description that matched (or the first there is), its language, and the score."""

    importer: str
    revision: str
    line: str
    ex: str
    season: str
    language: str
    description: str
    score: float


@cache
def characters() -> Mapping[int, str]:
    """Each Traditional or Japanese character's Simplified counterpart (tables of OpenCC, Apache-2.0)."""
    try:
        room = files("opencc").joinpath("dictionary")
        to_simplified = _pairs(room.joinpath("TSCharacters.txt").read_text("utf-8"))
        japanese = _pairs(room.joinpath("JPVariants.txt").read_text("utf-8"))
    except (ModuleNotFoundError, FileNotFoundError):
        raise InputError(
            "the tables of Chinese characters are missing",
            where="search",
            hint="pip install opencc-python-reimplemented",
        ) from None
    table = dict(to_simplified)
    for traditional, shinjitai in japanese.items():
        table.setdefault(shinjitai, to_simplified.get(traditional, traditional))
    return {ord(one): other for one, other in table.items() if len(one) == len(other) == 1}


def _pairs(text: str) -> dict[str, str]:
    rows = (line.split("\t") for line in text.splitlines() if "\t" in line)
    return {row[0]: row[1].split(" ")[0] for row in rows}


def fold(text: str) -> str:
    """Text as it is compared: width, case, accents and the shape of Chinese characters do not count.

    >>> fold("車") == fold("车"), fold("Café")
    (True, 'cafe')
    """
    plain = unicodedata.normalize("NFKC", text).casefold().translate(characters())
    if plain.isascii():
        return plain
    parts = unicodedata.normalize("NFD", plain)
    return unicodedata.normalize("NFC", re.sub(r"(?<=[a-zà-ỹđ])[\u0300-\u036f]+", "", parts)).replace("đ", "d")


@dataclass(frozen=True, slots=True)
class _Index:
    """What a search reads, once for each `Lines`: keys, descriptions, and descriptions as compared, by language."""

    keys: list[tuple[str, str, str, str, str]]
    spoken: Mapping[str, list[str]]
    folded: Mapping[str, list[str]]


_INDEX: WeakKeyDictionary[Lines, _Index] = WeakKeyDictionary()


def find_lines(lines: Lines, query: str, *, limit: int | None = None) -> tuple[Found, ...]:
    """The lines that match every word of ``query``, best first.

    A word of digits (dots and blanks apart) is the beginning of a code; any other must stand in one description, in
    any language: as part of it in Chinese and Japanese, as the beginning of a word elsewhere. Better: the whole
    description, its beginning, its own last part rather than the heading above it, a short one; then by code. Nothing
    found: empty.

    Raises InputError for a blank query.
    """
    codes, words = _terms(query)
    if not codes and not words:
        raise InputError("nothing to look for", where="search", allowed="the beginning of a code, or words")
    index = _index(lines)
    hits: list[tuple[float, str, int, str]] = []
    for at, key in enumerate(index.keys):
        if codes and not all(key[2].startswith(c) for c in codes):
            continue
        best = _best(index.folded, at, words)
        if best is not None:
            hits.append((-best[0], key[2], at, best[1]))
    hits.sort()
    return tuple(_found(index, at, language, -score) for score, _, at, language in hits[:limit])


def _terms(query: str) -> tuple[list[str], list[str]]:
    """Beginnings of codes, and folded words. ``8708.10`` and ``8708 10`` are one code."""
    joined = re.sub(r"(?<=\d)[. ](?=\d)", "", unicodedata.normalize("NFKC", query).strip())
    parts = joined.split()
    codes = [p for p in parts if p.isascii() and p.isdigit() and len(p) <= 12]
    return codes, [fold(p) for p in parts if p not in codes]


def _index(lines: Lines) -> _Index:
    if lines not in _INDEX:
        goods = lines.goods
        keys = list(zip(*(goods[c].astype(str) for c in KEY), strict=True))
        spoken = {lang: list(goods[f"description_{lang}"]) for lang in LANGUAGES}
        spoken = {lang: texts for lang, texts in spoken.items() if any(texts)}
        _INDEX[lines] = _Index(keys, spoken, {lang: [fold(t) for t in texts] for lang, texts in spoken.items()})
    return _INDEX[lines]


def _best(folded: Mapping[str, list[str]], at: int, words: list[str]) -> tuple[float, str] | None:
    """Score and language of the description that matches best; None where none does."""
    if not words:
        return 0.0, ""
    best: tuple[float, str] | None = None
    for language, texts in folded.items():
        text = texts[at]
        if words[0] in text and all(_stands(word, text) for word in words):
            score = _score(words, text)
            if best is None or score > best[0]:
                best = (score, language)
    return best


def _stands(word: str, text: str) -> bool:
    if word not in text:
        return False
    return bool(_CJK.search(word)) or re.search(rf"(?<!\w){re.escape(word)}", text) is not None


def _score(words: list[str], text: str) -> float:
    own = text.rpartition(" > ")[2].strip(" -")
    score = 0.0
    for word in words:
        if own == word:
            score += 8
        elif own.startswith(word):
            score += 4
        elif word in own:
            score += 2
        else:
            score += 1
    return score + 1 / (1 + len(own))


def _found(index: _Index, at: int, language: str, score: float) -> Found:
    importer, revision, line, ex, season = index.keys[at]
    told = language or next((lang for lang, texts in index.spoken.items() if texts[at]), "")
    words = index.spoken[told][at] if told else ""
    return Found(importer, revision, line, ex, season, language=told, description=words, score=score)
