"""An index in a PostgreSQL database with pgvector, for what one machine does not hold or one server does not answer.

A generation never changes here either. What a build from nothing writes lies in a schema of its own (``data_…``), whose rows say in which
generation they came and in which they went. A generation is a schema of views over it, called as the generation is: a reader sets its
search path, and the store's SQL is the same as for a file. A build that goes on from another adds and closes rows in one transaction,
which ends by naming the new generation; going back names an older one. Beside the tables of the store lie

``words``, ``documents_words``
    The postings of the two inverted files in blocks: of one term the rows and the weights that one build has added.
``holes``
    The rows of what was taken out, which postings and vectors still hold.
``vectors``
    For each clause the exact vectors of itself and its passages, as the files have them, which score.
``passages``
    The same passages in half precision, which an HNSW index proposes rows by.

``contextual``
    For each clause that the contextual model has read the vectors of its passages, with the keys of their texts.

The schema ``kb`` says which generations there are and which is in use, and holds the ids of documents.
"""
