"""Units that answer: whether documents agree on who leads."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.build import build
from kb.encoder import load_encoder
from kb.search import KnowledgeBase

PLAN = "{place}人民政府\n{place}农村饮水安全实施方案\n\n一、改造管网\n\n改造农村供水管网，保障饮水安全。（牵头单位：{lead}；责任单位：市财政局）\n"


@pytest.mark.parametrize(
    ("other_place", "other_lead", "differ"),
    [("湘潭市", "市水利局", False), ("湘潭市", "市农业农村局", True), ("株洲市", "市农业农村局", False)],
)
def test_two_leads_of_one_place_are_a_contradiction(
    tmp_path: Path, other_place: str, other_lead: str, differ: bool
) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.txt").write_text(PLAN.format(place="湘潭市", lead="市水利局"), "utf-8")
    # One character more: the same bytes twice would be one document.
    (corpus / "b.txt").write_text(PLAN.format(place=other_place, lead=other_lead) + "\n", "utf-8")
    build(corpus, tmp_path / "indexes", load_encoder())
    with KnowledgeBase.open(tmp_path / "indexes", load_encoder()) as opened:
        answer = opened.who("农村饮水安全管网改造由谁牵头")
    assert answer.units[0].role == "lead"
    assert answer.leads_differ is differ
