"""From a folder of files to a published generation, and which files need to be read again."""
