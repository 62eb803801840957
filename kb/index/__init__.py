"""One built index: generations on the disk, and in each the store, the words and the vectors, in segments."""
