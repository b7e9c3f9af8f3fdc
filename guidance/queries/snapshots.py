from guidance.choices import Section
from guidance.models import Pathway


def snapshot(pathway: Pathway, sections: list[str]) -> dict:
    """Both sides as they stand, in codes and pseudonyms: enough to show later what was passed on, never a name."""
    return {
        "pathway": pathway.pseudonym,
        "stage": pathway.stage,
        "process_owner": pathway.process_owner_id,
        "process_person": pathway.process_person_id,
        "guidance_lead": pathway.guidance_lead_id,
        "study_counsellor": pathway.study_counsellor_id,
        "sections": sections,
        "participants": list(pathway.participations.filter(ends_at=None).order_by("organisation_id").values_list("organisation_id", flat=True)),
        "target_group": pathway.target_group if Section.GOAL in sections else "",
        "assessment": [[i.kind, i.code, i.state] for i in pathway.assessment_items.all()] if Section.ASSESSMENT in sections else [],
        "options": [[o.kind, o.state] for o in pathway.options.all()] if Section.OPTIONS in sections else [],
    }
