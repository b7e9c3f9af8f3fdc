"""Fields of forms here and in the apps above."""
from django import forms
from django.core.exceptions import ValidationError

LONGEST_PK = 18


class RowsField(forms.ModelMultipleChoiceField):
    """Boxes for rows; a number that no row can have is a wrong choice, not a fault of the database."""

    def __init__(self, **kwargs) -> None:
        super().__init__(queryset=None, required=False, widget=forms.CheckboxSelectMultiple, **kwargs)

    def clean(self, value):
        for pk in value or []:
            if not (str(pk).isascii() and str(pk).isdigit() and len(str(pk)) <= LONGEST_PK):
                raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params={"value": pk})
        return super().clean(value)
