"""The thesaurus: the file that comes with the program, an operator's own, and how a query finds its concepts."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from plans import ROOT

from kb.encoders import EMBEDDED, Encoder, StaticEncoder, load_encoder
from kb.errors import ThesaurusUnusable
from kb.index.vectors import PassageIndex
from kb.knowledge_base import KnowledgeBase
from kb.models import Expansion
from kb.search import thesaurus
from kb.search.thesaurus import CONCEPTS, OwnThesaurus, Thesaurus, read_thesaurus, strongest

BUILT_IN = ROOT / "kb" / "lexicon" / "thesaurus.jsonl"
GOOD = {"concept": "学前教育普惠发展", "spoken": ["带娃难题"]}


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return StaticEncoder.load(EMBEDDED)


@pytest.fixture(scope="module")
def built_in(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Thesaurus:
    return thesaurus.load(None, encoder)


def held(wordings: int, encoder: Encoder) -> PassageIndex:
    return PassageIndex.in_memory(np.zeros((wordings, encoder.dimension), np.float32))


def written(path: Path, *entries: object) -> Path:
    path.write_text("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries), "utf-8")
    return path


def test_the_built_in_thesaurus_holds_what_a_concept_needs() -> None:
    concepts = read_thesaurus(BUILT_IN)
    assert len(concepts) >= 3500
    assert not [concept.official[0] for concept in concepts if len(concept.spoken) < 4]
    names = [concept.official[0] for concept in concepts]
    several = {name for name in names if names.count(name) > 1}
    # the same matter seen from two fields of work (治理转供电 by prices and by power supply); their wordings add up
    assert len(several) <= 150


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "no {"),
        ('{"concept": 3, "spoken": ["甲"]}', "no {"),
        ('{"spoken": ["甲"]}', "no {"),
        ('{"concept": "甲"}', "must not be empty"),
        ('{"concept": " ", "spoken": ["甲"]}', "must not be empty"),
        ('{"concept": "甲", "spoken": []}', "must not be empty"),
        ('{"concept": "甲", "spoken": "乙"}', "spoken is not a list of words"),
        ('{"concept": "甲", "spoken": ["乙", 3]}', "spoken is not a list of words"),
        ('{"concept": "甲", "spoken": ["乙", " "]}', "spoken is not a list of words"),
        ('{"concept": "甲", "spoken": ["乙"], "official": "丙"}', "official is not a list of words"),
        ('{"concept": "甲", "spoken": ["乙"], "spokne": ["丙"]}', "unknown field 'spokne'"),
    ],
)
def test_a_bad_line_is_named_with_its_file(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text(f"# ours\n\n{json.dumps(GOOD)}\n{line}\n", "utf-8")
    with pytest.raises(ThesaurusUnusable) as caught:
        read_thesaurus(path)
    assert str(caught.value).startswith(f"{path}: line 4: ")
    assert reason in str(caught.value)


def test_a_file_that_is_missing_or_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    with pytest.raises(ThesaurusUnusable, match=r"own\.jsonl: cannot be read"):
        read_thesaurus(path)
    path.write_bytes(json.dumps(GOOD, ensure_ascii=False).encode("gb18030"))
    with pytest.raises(ThesaurusUnusable, match="not text in UTF-8"):
        read_thesaurus(path)


def test_comments_blank_lines_and_a_byte_order_mark_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text(f"\ufeff# ours\n\n{json.dumps(GOOD)}\n", "utf-8")
    assert [concept.official for concept in read_thesaurus(path)] == [("学前教育普惠发展",)]


@pytest.mark.parametrize(
    ("query", "concept"),
    [
        ("孩子上幼儿园太贵", "普惠性幼儿园"),
        ("老家的土路什么时候修成水泥路", "自然村通硬化路"),
        ("厂里想把旧机器换成新的", "设备更新"),
        ("欠薪", "治理拖欠农民工工资"),
    ],
)
def test_people_s_words_find_their_concept(built_in: Thesaurus, encoder: Encoder, query: str, concept: str) -> None:
    [vector] = encoder.encode_queries([query])
    found = built_in.expansions(query, vector)
    assert concept in [wording for expansion in found for wording in expansion.official]
    assert [one.weight for one in found] == sorted((one.weight for one in found), reverse=True)
    assert len(found) <= CONCEPTS


@pytest.mark.parametrize("query", ["", "😀", "龘"])
def test_a_query_that_is_near_to_nothing_is_not_widened(built_in: Thesaurus, encoder: Encoder, query: str) -> None:
    [vector] = encoder.encode_queries([query])
    assert built_in.expansions(query, vector) == ()


def test_a_wording_in_the_query_counts_even_without_known_characters(encoder: Encoder) -> None:
    own = Thesaurus([thesaurus.Concept(("普惠性幼儿园",), ("龘龘园",))], held(1, encoder))
    [vector] = encoder.encode_queries(["请问龘龘园收费"])
    assert own.expansions("请问龘龘园收费", vector) == (Expansion("龘龘园", ("普惠性幼儿园",), 0.875),)


def test_a_thesaurus_without_concepts_widens_nothing(encoder: Encoder) -> None:
    empty = Thesaurus([], held(0, encoder))
    assert empty.expansions("幼儿园", encoder.encode_queries(["幼儿园"])[0]) == ()


def test_what_is_far_behind_the_nearest_is_left_out() -> None:
    near, far = Expansion("甲", ("一",), 0.9), Expansion("乙", ("二",), 0.3)
    assert strongest([far], [near]) == (near,)
    assert strongest([far]) == (far,)
    assert strongest() == ()


def test_the_strongest_of_several_are_kept_own_ones_first() -> None:
    own = [Expansion("甲", ("一",), 0.5)]
    others = [Expansion(str(n), ("二",), 0.5) for n in range(CONCEPTS)]
    assert strongest(own, others) == (*own, *others[:-1])
    assert strongest(own, [Expansion("乙", ("三",), 0.9)])[0].spoken == "乙"


def test_vectors_that_lie_in_the_generation_are_those_that_would_be_computed(tmp_path: Path, encoder: Encoder) -> None:
    thesaurus.prepare(tmp_path / "spoken", encoder)
    [vector] = encoder.encode_queries(["孩子上幼儿园太贵"])
    computed = thesaurus.load(None, encoder).expansions("孩子上幼儿园太贵", vector)
    read_back = thesaurus.load(PassageIndex.open(tmp_path / "spoken"), encoder).expansions("孩子上幼儿园太贵", vector)
    assert [one.official for one in read_back] == [one.official for one in computed]
    assert np.allclose([one.weight for one in read_back], [one.weight for one in computed], atol=2e-3)


def test_a_spoken_wording_of_the_operator_finds_its_clause_at_once(index: Path, tmp_path: Path) -> None:
    encoder = load_encoder()
    query = "圆圈圈工程"
    path = written(tmp_path / "own.jsonl", {"concept": "其他", "spoken": ["其他说法"]})
    own = OwnThesaurus(path, encoder)
    with KnowledgeBase.open(index, encoder, own) as knowledge_base:
        before = [hit.facts.clause.heading for hit in knowledge_base.search(query).hits[:1]]
        written(path, {"concept": "学前教育普惠发展", "spoken": [query]})
        os.utime(path, ns=(1, 1))  # a clock that stands still must not hide the change
        [first, *_] = knowledge_base.search(query).hits
        answer = knowledge_base.who(query)
    assert before != ["推进学前教育普惠发展"]
    assert first.facts.clause.heading == "推进学前教育普惠发展"
    assert first.expansion_score > 0
    assert Expansion(query, ("学前教育普惠发展",), 1.0) in first.expansions
    assert "市教育局" in {unit.unit for unit in answer.units}


def test_a_file_that_breaks_while_it_is_in_use_leaves_what_was_read(tmp_path: Path, encoder: Encoder) -> None:
    path = written(tmp_path / "own.jsonl", GOOD)
    own = OwnThesaurus(path, encoder)
    before = own.current()
    path.write_text("{", "utf-8")
    assert own.current() is before
    written(path, GOOD, {"concept": "乙", "spoken": ["丙"]})
    assert own.current() is not before
