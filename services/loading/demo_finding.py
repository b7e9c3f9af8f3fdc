"""What the demo's handlers have marked and kept of the invented offers."""
from pilots.models import Membership
from services.loading.demo_bodies import Body, Demo
from services.models import Favourite, SavedSearch

SEARCHES = (("Liikuntasalit", "q=liikuntasali&kind=facility"), ("Etänä annettavat kurssit", "kind=course&delivery=remote"))


def keep(bodies: list[Body], handlers: dict[int, Membership], demo: Demo) -> None:
    """Three marks and two searches each; offers of the neighbours, which they may use."""
    marks, searches = [], []
    for body in bodies:
        by = handlers.get(body.organisation.pk)
        if by is None:
            continue
        offers = [offer for other in body.neighbours for offer in other.offers[:2]][:3]
        marks += [Favourite(user=by.user, service=offer, created_at=demo.now) for offer in offers]
        searches += [SavedSearch(membership=by, name=name, query=query, created_at=demo.now, seen_until=demo.now) for name, query in SEARCHES]
    Favourite.objects.bulk_create(marks, ignore_conflicts=True)
    SavedSearch.objects.bulk_create(searches, ignore_conflicts=True)


def forget_kept() -> None:
    """The marks go with the offers."""
    SavedSearch.objects.filter(membership__user__is_demo=True).delete()
