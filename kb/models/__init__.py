"""Every noun of the knowledge base, once.

What documents hold (``documents``) and what is read out of them (``facts``), what is asked (``queries``), found (``hits``) and answered (``answers``), what
helps to find the way (``browsing``), the whole from above (``aggregations``), what a build tells (``builds``), what an assistant is told
(``quotations``), who may do what and has done it (``access``).
"""

from kb.models import access, aggregations, answers, browsing, builds, documents, facts, hits, queries, quotations
from kb.models.access import *  # noqa: F403 - what its __all__ names
from kb.models.aggregations import *  # noqa: F403 - what its __all__ names
from kb.models.answers import *  # noqa: F403 - what its __all__ names
from kb.models.browsing import *  # noqa: F403 - what its __all__ names
from kb.models.builds import *  # noqa: F403 - what its __all__ names
from kb.models.documents import *  # noqa: F403 - what its __all__ names
from kb.models.facts import *  # noqa: F403 - what its __all__ names
from kb.models.hits import *  # noqa: F403 - what its __all__ names
from kb.models.queries import *  # noqa: F403 - what its __all__ names
from kb.models.quotations import *  # noqa: F403 - what its __all__ names

__all__ = [  # noqa: PLE0604 - the names of other modules
    *documents.__all__,
    *facts.__all__,
    *queries.__all__,
    *hits.__all__,
    *answers.__all__,
    *browsing.__all__,
    *aggregations.__all__,
    *builds.__all__,
    *quotations.__all__,
    *access.__all__,
]
