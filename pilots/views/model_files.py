"""Documents of a cooperation model: read by whoever may read the model, kept by those who keep it."""
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from pilots.actions.model_files import add_model_file, remove_model_file
from pilots.attachments import LARGEST, open_stored
from pilots.forms.model_files import ModelFileForm
from pilots.models import ModelFile
from pilots.queries.cooperation import get_model, get_model_to_edit
from pilots.views.cooperation import crumbs
from pilots.views.people import refused


@require_safe
def model_file(request: HttpRequest, pk: int, file_id: int) -> HttpResponse:
    """Always a download, never shown inside a page."""
    file = get_object_or_404(ModelFile, model=get_model(request.acting, pk), pk=file_id)
    try:
        stored = open_stored(file.stored_as)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(stored, as_attachment=True, filename=file.name, content_type=file.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def model_file_add(request: HttpRequest, pk: int) -> HttpResponse:
    model = get_model_to_edit(request.acting, pk)
    form = ModelFileForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            # One byte more than allowed is enough to know; the rest of a large file is never read into memory.
            add_model_file(by=request.acting, model=model, title=form.cleaned_data["title"], name=file.name, content=file.read(LARGEST + 1))
        except ValidationError as error:
            refused(form, error if hasattr(error, "error_dict") else ValidationError({"file": error.error_list}))
        else:
            messages.success(request, _("The file is attached."))
            return redirect(model)
    context = {"model": model, "form": form, "multipart": True, "cancel_url": model.get_absolute_url(), "breadcrumbs": crumbs(model, _("Attach a file"))}
    return render(request, "pilots/model_file_add.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def model_file_remove(request: HttpRequest, pk: int, file_id: int) -> HttpResponse:
    model = get_model_to_edit(request.acting, pk)
    file = get_object_or_404(ModelFile, model=model, pk=file_id)
    if request.method == "POST":
        remove_model_file(by=request.acting, file=file)
        messages.success(request, _("The file has been removed."))
        return redirect(model)
    context = {"model": model, "file": file, "cancel_url": model.get_absolute_url(), "danger": True, "breadcrumbs": crumbs(model, _("Remove the file"))}
    return render(request, "pilots/model_file_remove.html", context)
