"""Documents as spaCy's Docs: our finders as components of any pipeline, and a page of marked text drawn by displaCy."""
