"""The photo of a service: shown to those who may use it, kept by those who handle it."""
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from services.actions.photos import put_photo, remove_photo
from services.conflicts import Conflict
from services.forms.outcomes import INVALID, refused
from services.forms.photos import PhotoForm
from services.models import ServicePhoto, SharedService
from services.photos import LARGE, LARGEST, SMALL, open_stored
from services.queries.catalogue import known_services
from services.views.offering import own_service, way_to

# The reader's own browser keeps it so long: a right that is withdrawn ends within the hour.
KEPT_SECONDS = 3600


@require_safe
def service_photo(request: HttpRequest, pk: int, size: str) -> HttpResponse:
    """For those who may use the service; to all others it is as if there were none."""
    usable = known_services(request.acting).filter(usable=True, pk=pk)
    photo = ServicePhoto.objects.filter(service__in=usable.values("pk")).first() if size in (LARGE, SMALL) else None
    if photo is None:
        raise Http404
    try:
        # A few hundred kilobytes at most: written by ourselves.
        with open_stored(photo.stored_as, size) as file:
            content = file.read()
    except FileNotFoundError:
        raise Http404 from None
    response = HttpResponse(content, content_type="image/jpeg", headers={"Cache-Control": f"private, max-age={KEPT_SECONDS}", "X-Content-Type-Options": "nosniff"})
    response.privately_kept = True
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@own_service
def offer_photo(request: HttpRequest, service: SharedService) -> HttpResponse:
    current, status = ServicePhoto.objects.filter(service=service).first(), 200
    sent = request.method == "POST" and "remove" not in request.POST
    form = PhotoForm(request.POST if sent else None, request.FILES if sent else None, current=current)
    if request.method == "POST" and (not sent or form.is_valid()):
        try:
            _act(request, service, form)
        except Conflict as conflict:
            current, status = ServicePhoto.objects.filter(service=service).first(), 409
            messages.warning(request, conflict.message)
            form = PhotoForm(current=current)
            form.initial |= {name: request.POST[name] for name in ("alt_fi", "alt_sv") if name in request.POST}
        except ValidationError as error:
            refused(form, error if hasattr(error, "error_dict") else ValidationError({"photo": error.error_list}))
        else:
            messages.success(request, _("The photo is taken away.") if not sent else _("The photo is saved."))
            return redirect(service)
    context = {"form": form, "service": service, "current": current, "cancel_url": service.get_absolute_url(), "multipart": True, "breadcrumbs": way_to(service, _("Photo"))}
    return render(request, "services/offer_photo.html", context, status=INVALID if form.errors else status)


def _act(request: HttpRequest, service: SharedService, form: PhotoForm) -> None:
    if not form.is_bound:
        seen = PhotoForm.base_fields["seen"].clean(request.POST.get("seen", ""))
        remove_photo(by=request.acting, service=service, seen=seen)
        return
    data = form.cleaned_data
    # One byte more than allowed is enough to know; the rest of a large file is never read into memory.
    content = data["photo"].read(LARGEST + 1) if data["photo"] else None
    put_photo(by=request.acting, service=service, seen=data["seen"], content=content, alt_fi=data["alt_fi"], alt_sv=data["alt_sv"])
