"""What the summaries hold of people: the facts of a pathway, without who it is. A frozen figure is a number."""
from accounts.personal import Declarations, Kept, Personal, What, Who, Why
from summaries import models

DECLARED = Declarations(
    "summaries",
    {
        models.SummarySnapshot: None,
        models.PublishedCell: None,
        # An erasure takes them along (decision 0026).
        models.PathwayFact: Personal(
            Who.CLIENT, Why.FIGURES, Kept.PATHWAY,
            {
                What.SITUATION: ("kind", "month", "stage", "days", "state", "end_reason", "judged_on", "age_group", "municipality_code", "education_background", "target_group", "measure"),
                What.HANDING: ("owner", "from_organisation", "to_organisation"),
            },
            route="pathway__client", controller="pathway__process_owner",
        ),
        models.StaleFact: Personal(Who.CLIENT, Why.FIGURES, Kept.PATHWAY, {What.USE: ("at",)}, route="pathway__client", controller="pathway__process_owner"),
    },
)  # fmt: skip
