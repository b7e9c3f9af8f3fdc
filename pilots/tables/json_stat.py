"""JSON-stat 2.0 (https://json-stat.org/full/): a dataset with its dimensions, as statistics offices publish it."""
import json
from collections.abc import Iterator
from math import prod
from typing import Any

from django.utils.translation import gettext as _

from .dataset import Category, Dataset, Dimension, Unreadable

MOST_VALUES = 2_000_000
MISSING_STATUS = {".", "..", "..."}


def read_json_stat(text: str) -> Dataset:
    """Values stand in the order of `id`, the last dimension changing fastest; a list, or an object with the places of those that there are."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        # Nested more deeply than can be followed is no table either.
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        raise Unreadable(_("line %(line)s, column %(column)s") % {"line": line, "column": column}, _("the file is not whole JSON.")) from None
    if not isinstance(document, dict) or document.get("class") != "dataset" or not str(document.get("version", "")).startswith("2."):
        raise Unreadable("/class", _("this is not a dataset of JSON-stat 2.0."))
    names, sizes = document.get("id"), document.get("size")
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        raise Unreadable("/id", _("the names of the dimensions are missing, or one is there twice."))
    if not isinstance(sizes, list) or len(sizes) != len(names) or not all(type(size) is int and size > 0 for size in sizes):
        raise Unreadable("/size", _("there must be a size for each dimension, a whole number of 1 or more."))
    if prod(sizes) > MOST_VALUES:
        raise Unreadable("/size", _("the file has more values than can be taken at once. Divide it into several."))
    role = document.get("role") if isinstance(document.get("role"), dict) else {}
    dimensions = [_dimension(document, name, size, role) for name, size in zip(names, sizes, strict=True)]
    return Dataset(dimensions, _cells(document, sizes), lambda key: f"/value/{key}", str(document.get("label") or ""))


def _dimension(document: dict, name: str, size: int, role: dict) -> Dimension:
    pointer = f"/dimension/{name.replace('~', '~0').replace('/', '~1')}"
    described = document.get("dimension")
    one = described.get(name) if isinstance(described, dict) else None
    category = one.get("category") if isinstance(one, dict) else None
    if not isinstance(category, dict):
        raise Unreadable(pointer, _("the dimension or its categories are missing."))
    labels = category.get("label") if isinstance(category.get("label"), dict) else {}
    index = category.get("index")
    if index is None and size == 1 and len(labels) == 1:
        codes = list(labels)
    elif isinstance(index, list):
        codes = index
    elif isinstance(index, dict) and all(type(place) is int for place in index.values()) and sorted(index.values()) == list(range(len(index))):
        codes = sorted(index, key=index.__getitem__)
    else:
        raise Unreadable(f"{pointer}/category/index", _("the index must be a list of codes, or an object that gives each code its place."))
    if len(codes) != size or not all(isinstance(code, str) for code in codes) or len(set(codes)) != size:
        raise Unreadable(f"{pointer}/category/index", _("there are not as many different codes as the size says (%(size)s).") % {"size": size})
    kind = next((role_name for role_name in ("time", "geo", "metric") if isinstance(role.get(role_name), list) and name in role[role_name]), "")
    return Dimension(name, str(one.get("label") or name), kind, [Category(code, str(labels.get(code, code)), f"{pointer}/category/index ({code})") for code in codes])


def _cells(document: dict, sizes: list[int]) -> Any:
    values, status, count = document.get("value"), document.get("status"), prod(sizes)
    if isinstance(values, list):
        if len(values) != count:
            raise Unreadable("/value", _("there are %(found)s values, and the sizes ask for %(count)s.") % {"found": len(values), "count": count})
        pairs = values
    elif isinstance(values, dict):
        pairs = [None] * count
        for key, value in values.items():
            if not key.isascii() or not key.isdigit() or int(key) >= count:
                raise Unreadable(f"/value/{key}", _("this is no place among the %(count)s values.") % {"count": count})
            pairs[int(key)] = value
    else:
        raise Unreadable("/value", _("the values must be a list, or an object of places."))

    def missing(place: int) -> bool:
        said = status if isinstance(status, str) else status.get(str(place)) if isinstance(status, dict) else status[place % len(status)] if isinstance(status, list) and status else None
        return said in MISSING_STATUS

    def cells() -> Iterator[tuple[tuple[int, ...], object, object]]:
        places = [0] * len(sizes)
        for key, value in enumerate(pairs):
            yield tuple(places), None if status is not None and missing(key) else value, key
            for at in range(len(sizes) - 1, -1, -1):
                places[at] += 1
                if places[at] < sizes[at]:
                    break
                places[at] = 0

    return cells
