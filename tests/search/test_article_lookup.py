"""Looking up an article: of all documents and clauses, the one that is named comes first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kb.encoders import load_encoder
from kb.ingest.build import build
from kb.knowledge_base import KnowledgeBase
from kb.models import Filters
from kb.text.numerals import chinese

DUTIES = ("登记犬只", "接种疫苗", "牵引犬绳", "清理粪便", "不得遗弃犬只")
RULES = {
    "安平市养犬管理条例": 40,
    "安平市养犬管理条例实施细则": 40,
    "滨江市文明养犬处罚条例": 20,
    "滨江市噪声污染防治处罚条例": 20,
    "犬类饲养法": 20,
}


def rules(title: str, count: int) -> str:
    """A text of so many articles; the sixth has two items, and another stands between the seventh and the eighth."""
    articles = [
        f"第{chinese(n)}条 养犬人应当{DUTIES[n % 5]}，参照第{chinese(count - n + 1)}条执行。"
        for n in range(1, count + 1)
    ]
    articles[5] += "\n（一）在小区内；\n（二）在公园内。"
    articles[6] += "\n第七条之一 犬只走失的，应当报告。"
    return "\n\n".join((title, "第一章 总则", *articles[:4], "第二章 养犬人", *articles[4:]))


PLAN = "宁安市养犬服务实施方案\n\n一、总体要求\n\n便民。\n\n二、主要任务\n\n（一）增加站点\n\n新建站点9个。\n\n（二）免费接种\n\n接种9000只。\n\n附件\n\n二、清单\n\n（二）接种点\n\n见表。\n"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("rules")
    (folder / "corpus").mkdir()
    for title, count in RULES.items():
        (folder / "corpus" / f"{title}.txt").write_text(rules(title, count), "utf-8")
    (folder / "corpus/plan.txt").write_text(PLAN, "utf-8")
    build(folder / "corpus", folder / "index", load_encoder())
    with KnowledgeBase.open(folder / "index", load_encoder()) as knowledge_base:
        yield knowledge_base


@pytest.mark.parametrize(
    ("query", "clause"),
    [
        ("安平市养犬管理条例第9条", "安平市养犬管理条例#第二章.第九条"),
        ("安平市养犬管理条例第三十九条是什么", "安平市养犬管理条例#第二章.第三十九条"),
        ("《安平市养犬管理条例》 33 条", "安平市养犬管理条例#第二章.第三十三条"),
        ("安平市养犬管理条例第七条之一", "安平市养犬管理条例#第二章.第七条之一"),
        ("安平市养犬管理条例7条之1", "安平市养犬管理条例#第二章.第七条之一"),
        ("安平市养犬管理条例第六条第（二）项", "安平市养犬管理条例#第二章.第六条.二"),
        ("安平市养犬管理条例第八条第（二）项", "安平市养犬管理条例#第二章.第八条"),
        ("安平市养犬管理条例第二章", "安平市养犬管理条例#第二章"),
        ("安平市养犬管理条例实施细则第21条第二款", "安平市养犬管理条例实施细则#第二章.第二十一条"),
        ("看看养犬处罚条例第十条", "滨江市文明养犬处罚条例#第二章.第十条"),
        ("噪声处罚条例第十条", "滨江市噪声污染防治处罚条例#第二章.第十条"),
        ("犬饲法12条", "犬类饲养法#第二章.第十二条"),
        ("宁安市养犬服务实施方案二、（二）", "plan#二.二"),
        ("《宁安市养犬服务实施方案》二（一）", "plan#二.一"),
        ("宁安市养犬服务实施方案第二部分", "plan#二"),
    ],
)
def test_the_article_that_is_named_is_the_first_hit(opened: KnowledgeBase, query: str, clause: str) -> None:
    first, *others = opened.search(query).hits
    assert first.facts.clause.id == clause
    assert first.provision_named
    assert not first.weak
    assert not any(hit.provision_named for hit in others)


def test_a_short_title_may_mean_several_laws(opened: KnowledgeBase) -> None:
    hits = opened.search("处罚条例第十条").hits
    named = {hit.facts.clause.id for hit in hits[:2] if hit.provision_named}
    assert named == {"滨江市文明养犬处罚条例#第二章.第十条", "滨江市噪声污染防治处罚条例#第二章.第十条"}


def test_within_one_document_the_number_alone_is_enough(opened: KnowledgeBase) -> None:
    narrowed = opened.search("第十三条", Filters(document_id="安平市养犬管理条例")).hits
    assert narrowed[0].facts.clause.num == "第十三条"
    assert narrowed[0].provision_named
    assert not any(hit.provision_named for hit in opened.search("第十三条").hits)


def test_an_article_that_the_document_does_not_have_is_named_nowhere(opened: KnowledgeBase) -> None:
    assert not any(hit.provision_named for hit in opened.search("安平市养犬管理条例第四百条").hits)
    assert not any(
        hit.provision_named for hit in opened.search("犬类法第十二条").hits
    )  # another law, which is not there
    narrowed = opened.search("安平市养犬管理条例第九条", Filters(document_id="plan")).hits
    assert not any(hit.provision_named for hit in narrowed)
