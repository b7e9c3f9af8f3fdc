"""Which part answers for a stage, as the source has it. Each partnership begins from this and changes its own.

Whose the stages of support, studies and job search are is inferred: the source's text does not say it of each.
"""
from .moves import Stage
from .partnership import Part

# In the order of `Part`, as forms give it and the database keeps it.
SHARED = (Part.EMPLOYMENT, Part.COLLEGE)
SOURCE_STAGE_PARTS: dict[str, tuple[str, ...]] = {
    Stage.REGISTERED: (Part.EMPLOYMENT,),
    Stage.IDENTIFICATION: (Part.EMPLOYMENT,),
    Stage.REFERRAL: SHARED,
    Stage.MAPPING: SHARED,
    Stage.PLANNING: SHARED,
    Stage.SUPPORT_BEFORE: SHARED,
    Stage.STARTING: (Part.COLLEGE,),
    Stage.STUDYING: (Part.COLLEGE,),
    Stage.WORKPLACE_LEARNING: (Part.COLLEGE,),
    Stage.GRADUATED: (Part.COLLEGE,),
    Stage.JOB_SEARCH_SUPPORT: (Part.EMPLOYMENT,),
    Stage.INTERRUPTED: SHARED,
}


def source_stage_parts() -> dict[str, list[str]]:
    """As a partnership stores it."""
    return {stage.value: [Part(part).value for part in SOURCE_STAGE_PARTS[stage]] for stage in Stage}
