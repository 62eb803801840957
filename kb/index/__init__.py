"""One built index: its generations, and in each the store, the words and the vectors; in a folder, or in a database."""
