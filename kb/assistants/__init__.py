"""The knowledge base as tools of an AI assistant (Model Context Protocol): over standard input and output, or over HTTP."""

from kb.assistants.endpoint import AssistantEndpoint
from kb.assistants.server import create_server

__all__ = ["AssistantEndpoint", "create_server"]
