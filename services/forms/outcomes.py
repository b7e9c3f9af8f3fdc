"""What comes of a form that was sent."""
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

INVALID = 422


def posted(request: HttpRequest):
    return request.POST if request.method == "POST" else None


def refused(form: forms.Form, error: ValidationError) -> None:
    """What an action refuses, shown at its field where the form has it."""
    if hasattr(error, "error_dict"):
        for name, errors in error.error_dict.items():
            form.add_error(name if name in form.fields else None, errors)
    else:
        form.add_error(None, error)
