"""What pydantic found wrong, in our words: where, what is allowed, and the near miss of an unknown key."""

from __future__ import annotations

from typing import get_args

from pydantic import BaseModel, ValidationError

from tradewinds.core.errors import InputError, unknown_label


def faults_of(error: ValidationError, model: type[BaseModel], *, where: str) -> list[InputError]:
    """One InputError for each fault of a file."""
    faults: list[InputError] = []
    for row in error.errors():
        path = ".".join(str(step + 1) if isinstance(step, int) else str(step) for step in row["loc"])
        if row["type"] == "extra_forbidden":
            table = _model_at(model, row["loc"][:-1])
            known = [field.alias or name for name, field in table.model_fields.items()] if table else []
            place = f"{where}: {path.rpartition('.')[0] or 'top level'}"
            faults.append(unknown_label(str(row["loc"][-1]), known, where=place, kind="key"))
        elif row["type"] == "missing":
            faults.append(InputError(f"`{row['loc'][-1]}` is missing", where=f"{where}: {path}"))
        else:
            given = row.get("input")
            shown = f" (given {given!r})" if isinstance(given, str | int | float | bool) else ""
            faults.append(InputError(f"{path}{shown}", where=where, allowed=row["msg"].removeprefix("Input ")))
    return faults


def _model_at(model: type[BaseModel], path: tuple[int | str, ...]) -> type[BaseModel] | None:
    """The nested model a location points into, or None."""
    here: type[BaseModel] | None = model
    for step in path:
        if isinstance(step, int) or here is None:
            continue
        field = next((f for n, f in here.model_fields.items() if step in (n, f.alias)), None)
        here = _inner(field.annotation) if field is not None else here
    return here


def _inner(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        found = _inner(part)
        if found is not None:
            return found
    return None
