"""Our finders in somebody else's spaCy pipeline."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import FOUNDING_PLAN, ROOT, YANGLAO
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training import Example, biluo_tags_to_spans
from spacy.util import filter_spans

from kb.annotation import components
from kb.extraction import FINDERS
from kb.ingest.analysis import analyse

GROUPS = ("kb_clauses", "kb_responsibilities", "kb_targets", "kb_deadlines", "kb_citations")
FACTS = GROUPS[1:]
TOKENIZERS: dict[str, dict[str, Any]] = {
    "characters": {},
    "jieba": {"segmenter": "jieba"},
    "words": {"@tokenizers": "kb.Words.v1"},
}


@pytest.fixture(scope="module", autouse=True)
def _registered() -> None:
    # As the entry points of an installed package do; that they are right is tested in a process of its own.
    spacy.registry.tokenizers("kb.Words.v1", func=components.create_words)


def pipeline(*names: str, tokenizer: str = "characters") -> Language:
    config = {"nlp": {"tokenizer": TOKENIZERS[tokenizer]}} if TOKENIZERS[tokenizer] else {}
    nlp = spacy.blank("zh", config=config)
    for name in names:
        nlp.add_pipe(name)
    return nlp


def facts_of(doc: Doc) -> dict[str, tuple[Any, ...]]:
    """Everything that a Doc knows, asked of the Doc and of its spans."""
    of_doc = {name: getattr(doc._, name) for name in GROUPS}
    assert {name: tuple(span._.kb_fact for span in doc.spans[name]) for name in GROUPS} == of_doc
    return of_doc


@pytest.fixture(scope="module")
def doc() -> Doc:
    return pipeline(*GROUPS)(FOUNDING_PLAN.read_text("utf-8"))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a process in which this package, with the entry points of its pyproject.toml, is installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    site = tmp_path_factory.mktemp("site")
    described = site / "policy_kb-0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: policy-kb\nVersion: 0\n", "utf-8")
    sections = [
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in table.items())
        for group, table in project["entry-points"].items()
    ]
    (described / "entry_points.txt").write_text("\n".join(sections), "utf-8")
    return os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(site)))}


# --- as somebody who has installed it -----------------------------------------------------------------


def test_the_examples_of_the_documentation_run(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "corpus").symlink_to(ROOT / "corpus")
    ran = subprocess.run(
        [sys.executable, "-m", "doctest", str(ROOT / "docs" / "spacy.md")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stdout + ran.stderr
    assert (tmp_path / "train.spacy").stat().st_size > 0


def test_entry_points_are_all_that_is_needed(environment: dict[str, str]) -> None:
    code = """
import spacy
from spacy.displacy.render import SpanRenderer
nlp = spacy.blank("zh", config={"nlp": {"tokenizer": {"@tokenizers": "kb.Words.v1"}}})
for name in ("kb_citations", "kb_deadlines", "kb_targets", "kb_responsibilities", "kb_clauses"):
    nlp.add_pipe(name)
doc = nlp("一、增加床位。到2025年底普及率达到60%。（市民政局牵头）")
assert [token.text for token in doc][-4:] == ["市", "民政局", "牵头", "）"], list(doc)
assert [span._.kb_fact.due for span in doc.spans["kb_targets"]] == ["2025"]
assert [(span.text, span.label_) for span in doc.spans["kb_responsibilities"]] == [("市民政局", "LEAD")]
assert SpanRenderer().colors["LEAD"].startswith("#")
"""
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr.decode()


# --- what is found ------------------------------------------------------------------------------------


def test_a_component_finds_what_a_reading_of_the_file_finds(doc: Doc) -> None:
    parsed = analyse(FOUNDING_PLAN)
    assert {f"kb_{kind}" for kind in FINDERS} == set(FACTS)
    found = facts_of(doc)
    for name in FACTS:
        of_file = [fact.text for fact in getattr(parsed, name.removeprefix("kb_"))]
        assert [fact.text for fact in found[name]] == of_file != []
    assert [clause.text for clause in found["kb_clauses"]] == [clause.text for clause in parsed.clauses]
    assert doc._.kb_document.title == parsed.document.title
    assert doc._.kb_document.text == doc.text


def test_a_doc_of_a_read_file_holds_all_that_was_read() -> None:
    parsed = analyse(FOUNDING_PLAN)
    [doc] = DocBin().from_bytes(components.doc_bin(parsed)).get_docs(spacy.blank("zh").vocab)
    assert doc._.kb_document == parsed.document
    assert facts_of(doc) == {name: getattr(parsed, name.removeprefix("kb_")) for name in GROUPS}
    again = pipeline("kb_targets")(doc)  # the components keep to the ids of the file
    assert again._.kb_targets == parsed.targets


@pytest.mark.parametrize("name", GROUPS)
def test_each_component_stands_alone(name: str) -> None:
    doc = pipeline(name)(YANGLAO)
    assert doc._.kb_document.document_number == "云政发〔2024〕8号"
    assert "（一）" in {clause.num for clause in doc._.kb_clauses}
    assert doc.spans.keys() == {"kb_clauses", name}


def test_labels_say_who_leads_and_what_is_what() -> None:
    doc = pipeline(*FACTS)(YANGLAO)
    found = {(span.text, span.label_) for name in FACTS for span in doc.spans[name]}
    assert found >= {
        ("市民政局", "LEAD"),
        ("市财政局", "SUPPORT"),
        ("市教育局", "RESPONSIBLE"),
        ("到2025年12月底", "DEADLINE"),
        ("护理型床位占比达到60%以上", "TARGET"),
    }


def test_one_text_is_parsed_once_for_all_components() -> None:
    components._parsed.cache_clear()
    list(pipeline(*GROUPS).pipe([YANGLAO, "一、到2025年普及率达到90%。"]))
    assert components._parsed.cache_info().misses == 2


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
def test_tokens_do_not_change_what_is_found(doc: Doc, tokenizer: str) -> None:
    other = pipeline(*GROUPS, tokenizer=tokenizer)(doc.text)
    assert facts_of(other) == facts_of(doc)
    for name in FACTS:
        assert all(span._.kb_fact.text in span.text for span in other.spans[name])


@given(st.text("一、二（）1.。，到2025年达到60%市教育局牵头 \n\t\u3000《关于意见》𠀀a", max_size=60))
@settings(max_examples=60)
def test_any_text_goes_through(text: str) -> None:
    doc = pipeline(*GROUPS)(text)
    assert doc.text == text
    for name in FACTS:
        for span in doc.spans[name]:
            assert span._.kb_fact.text == text[span._.kb_fact.start : span._.kb_fact.end]
            assert span._.kb_fact.text.strip() in span.text


def test_other_spans_have_no_fact(doc: Doc) -> None:
    assert doc[0:2]._.kb_fact is None
    plain = spacy.blank("zh")("市教育局")
    assert (plain[0:2]._.kb_fact, plain._.kb_document, plain._.kb_targets) == (None, None, ())


def test_in_docs_put_together_no_span_gets_the_fact_of_another() -> None:
    nlp = pipeline("kb_targets")
    one, other = nlp("一、到2025年普及率达到90%。"), nlp("一、到2026年新建公园3个，普及率达到70%。")
    together = Doc.from_docs([one, other], exclude=["user_data"])
    assert [span._.kb_fact for span in together.spans["kb_targets"]] == [None, None, None]
    together._.kb_data = one._.kb_data
    assert [span._.kb_fact for span in together.spans["kb_targets"]][:1] == list(one._.kb_targets)
    assert [span._.kb_fact for span in together.spans["kb_targets"]][1:] == [None, None]


# --- saved, copied, sent to other processes -------------------------------------------------------------


def test_a_pipeline_is_saved_and_loaded(doc: Doc, tmp_path: Path) -> None:
    pipeline(*GROUPS, tokenizer="words").to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert loaded.pipe_names == list(GROUPS)
    assert facts_of(loaded(doc.text)) == facts_of(doc)
    assert "教育局" in {token.text for token in loaded(doc.text)}


def test_docs_are_saved_copied_and_pickled(doc: Doc) -> None:
    expected = facts_of(doc)
    assert facts_of(pickle.loads(pickle.dumps(doc))) == expected
    assert facts_of(doc.copy()) == expected
    assert facts_of(Doc(doc.vocab).from_bytes(doc.to_bytes())) == expected
    vocab = spacy.blank("zh").vocab
    [kept] = DocBin().from_bytes(DocBin(docs=[doc], store_user_data=True).to_bytes()).get_docs(vocab)
    assert facts_of(kept) == expected
    [spans_only] = DocBin().from_bytes(DocBin(docs=[doc]).to_bytes()).get_docs(vocab)
    assert [span.text for span in spans_only.spans["kb_targets"]] == [target.text for target in doc._.kb_targets]
    assert spans_only.spans["kb_targets"][0]._.kb_fact is None


def test_several_processes_find_the_same(doc: Doc) -> None:
    texts = [doc.text, YANGLAO, "一、到2025年普及率达到90%。"]
    nlp = pipeline(*GROUPS)
    alone = [facts_of(one) for one in nlp.pipe(texts)]
    assert [facts_of(one) for one in nlp.pipe(texts, n_process=2, batch_size=1)] == alone


def test_spans_are_training_data_for_a_model_of_characters(doc: Doc, tmp_path: Path) -> None:
    labelled = doc.copy()
    labelled.ents = filter_spans([*labelled.spans["kb_responsibilities"], *labelled.spans["kb_targets"]])
    DocBin(docs=[labelled]).to_disk(tmp_path / "train.spacy")
    nlp = spacy.blank("zh")
    recognizer = nlp.add_pipe("ner")
    [reference] = DocBin().from_disk(tmp_path / "train.spacy").get_docs(nlp.vocab)
    example = Example(nlp.make_doc(reference.text), reference)
    entities = biluo_tags_to_spans(example.predicted, example.get_aligned_ner())
    facts = {(fact.start, fact.end) for fact in (*doc._.kb_responsibilities, *doc._.kb_targets)}
    assert {(entity.start_char, entity.end_char) for entity in entities} == facts
    optimizer = nlp.initialize(lambda: [example])
    assert recognizer.labels == ("RESPONSIBLE", "TARGET")
    assert nlp.update([example], sgd=optimizer)["ner"] > 0
