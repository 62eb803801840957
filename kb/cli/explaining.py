"""The reasons for a hit, in a few lines."""

from __future__ import annotations

from kb.cli.wording import say
from kb.models import Hit


def why(hit: Hit) -> tuple[tuple[str, str], ...]:
    """Labels and values: the scores, the words found, the expansions by the thesaurus, the clause that it repeats or that followed it."""
    figures = [("words", hit.word_score), ("meaning", hit.vector_score), ("expansions", hit.expansion_score)]
    figures += [("whole document", hit.document_score)]
    figures += [("context", hit.context_score)] if hit.context_score is not None else []
    figures += [("reranked", hit.rerank_score)] if hit.rerank_score is not None else []
    expansions = "；".join(
        f"{each.spoken} → {'、'.join(each.official)}（{each.weight:.2f}）" for each in hit.expansions
    )
    return (
        ("scores", "  ".join(f"{say(name)} {figure:.2f}" for name, figure in figures)),
        ("matched", "、".join(hit.matched)),
        ("expansions", expansions),
        ("same as", hit.same_as),
        ("earlier of", hit.earlier_of),
        ("document", _of_document(hit)),
    )


def _of_document(hit: Hit) -> str:
    reasons = (
        ("provision named", hit.provision_named),
        ("document named", hit.document_named),
        ("elsewhere", hit.elsewhere),
    )
    return "；".join(say(reason) for reason, holds in reasons if holds)
