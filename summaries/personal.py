"""What the summaries hold of people: nothing. A frozen figure is a number."""
from accounts.personal import Declarations
from summaries import models

DECLARED = Declarations("summaries", {models.SummarySnapshot: None})
