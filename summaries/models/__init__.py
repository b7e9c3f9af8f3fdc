from .pathways import PathwayFact, StaleFact
from .published import PublishedCell
from .snapshots import SummarySnapshot

__all__ = ["PathwayFact", "PublishedCell", "StaleFact", "SummarySnapshot"]
