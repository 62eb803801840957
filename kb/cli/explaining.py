"""Why a hit is there, in a few lines."""

from __future__ import annotations

from kb.cli.wording import say
from kb.models import Hit


def why(one: Hit) -> tuple[tuple[str, str], ...]:
    """What speaks for a hit: its scores, the words that were found, and what people say for what it says."""
    figures = [("words", one.word_score), ("meaning", one.vector_score), ("expansions", one.expansion_score)]
    figures += [("reranked", one.rerank_score)] if one.rerank_score is not None else []
    widened = "；".join(f"{each.spoken} → {'、'.join(each.official)}（{each.weight:.2f}）" for each in one.expansions)
    return (
        ("scores", "  ".join(f"{say(name)} {figure:.2f}" for name, figure in figures)),
        ("matched", "、".join(one.matched)),
        ("expansions", widened),
        ("same as", one.same_as),
    )
