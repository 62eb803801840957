"""The knowledge base over HTTP, and the page that office staff use."""
