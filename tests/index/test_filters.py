"""Every filter asks something: one without SQL would narrow nothing, and nobody would see it."""

from __future__ import annotations

from dataclasses import fields
from itertools import chain

from kb.index.store.filters import OF_CLAUSE, OF_DOCUMENT
from kb.models import Facets, Filters
from kb.models.fields import parameters_of


def test_every_filter_has_its_condition() -> None:
    asked = [*OF_DOCUMENT, *chain.from_iterable(OF_CLAUSE)]
    assert sorted(asked) == sorted(field.name for field in fields(Filters))


def test_every_facet_counts_the_values_of_a_filter() -> None:
    counted = {parameter.metadata["facet"] for parameter in parameters_of(Filters) if "facet" in parameter.metadata}
    assert counted == {field.name for field in fields(Facets)} - {"query", "total"}
