"""Versions of documents: titles as names of works, succession, repeal and amendment, and the comparison of two versions."""
