"""What a side of the world has written of its cooperation: a public model with everything in it, a copy of it, a draft, a comment and a report."""
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

from django.utils import timezone

from pilots.attachments import store
from pilots.models import Comment, FaultReport, Goal, Membership, ModelFile, ModelLink, ModelResult
from tests.pilots.factories import make_model
from tests.pilots.files import SMALLEST_PNG


def make_knowledge(side: SimpleNamespace, by: Membership) -> None:
    texts = {
        "summary_sv": "Sammandrag.", "body_fi": "# Näin\n\n- yksi\n- kaksi", "lessons_fi": "Oppia.", "cost": Decimal("12000"), "cost_fi": "Kunnat maksavat.", "check_by": date(2021, 5, 1),
    }  # fmt: skip
    partners = ({"organisation": side.organisation, "euros": Decimal("5000"), "contribution_fi": "opettaja"}, {"unit": side.unit}, {"outside": "Keksitty yritys"})
    side.model = make_model(side.area, name_fi=f"Malli {side.area.slug}", goals=tuple(Goal.objects.all()), partners=partners, contact=side.contact, **texts)
    ModelResult.objects.create(model=side.model, tag="quality", text_fi="Tulos.", figure=Decimal("12.5"), unit="%", measured_on=date(2021, 3, 1), how_fi="Kysely.")
    ModelLink.objects.create(model=side.model, title="Sivu", url="https://example.org/sivu")
    side.copied_model = make_model(side.area, name_fi=f"Kopio {side.area.slug}", copied_from=side.model)
    side.draft_model = make_model(side.area, name_fi=f"Luonnos {side.area.slug}", state="draft", published_at=None, status="")
    side.model_file = ModelFile.objects.create(model=side.model, title="Sopimus", name="sopimus.png", content_type="image/png", size=len(SMALLEST_PNG), sha256="0" * 64, by=by)
    store(side.model_file.stored_as, SMALLEST_PNG)
    side.comment = Comment.objects.create(target=side.model, author=by, text="Kommentti.", created_at=timezone.now())
    side.fault = FaultReport.objects.create(target=side.model, area=side.area, text="Virhe.", created_at=timezone.now())
