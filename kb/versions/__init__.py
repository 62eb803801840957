"""Documents in time: titles as names of works, versions, repeals and amendments, and what has changed between two versions."""
