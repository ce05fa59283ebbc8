"""How a profile says that files are written: the table ``format``, of all of them or of one."""

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from mapping.sources.cells import NOTHING
from mapping.sources.dates import DEFAULT_FORMATS, format_fault


def _usable_date_format(form: str) -> str:
    fault = format_fault(form)
    if fault is not None:
        raise ValueError(f"{form!r} {fault}")
    return form


DateFormats = Annotated[tuple[Annotated[str, BeforeValidator(_usable_date_format)], ...], Field(min_length=1)]


class Strict(BaseModel):
    """A table of a profile: a key that is not described is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Format(Strict):
    """A table ``format``: how files are written, for all of them or for one."""

    kind: Literal["delimited", "json-lines", "xlsx", "ods", "ldif"] | None = Field(
        None, description="Left out, the file's content decides, then its ending."
    )
    encoding: Literal["utf-8", "windows-1252", "iso-8859-1", "auto"] = Field(
        "utf-8", description="utf-8 (with or without byte order mark), windows-1252, iso-8859-1 or auto."
    )
    delimiter: str = Field(
        ";", pattern=r"^(?s:.)$|^auto$", description="The character between cells, or auto."
    )
    quote: str = Field('"', max_length=1, description="The character around cells; empty when there is none.")
    header: Literal[True, False, "auto", "find"] = Field(
        True,
        description="Whether the first row names the columns; auto: it does if it has their names; "
        "find: the first row that has all of them does.",
    )
    columns: tuple[str, ...] | None = Field(
        None, min_length=1, description="Names of the columns in their order, where there may be no header."
    )
    sheet: str | None = Field(None, description="Name of the sheet; left out, the first.")
    hidden: Literal["read", "skip"] = Field(
        "read", description="What is done with rows of a sheet that are hidden or filtered away."
    )
    not_rows: tuple[str, ...] = Field(
        (), description="Patterns of the first text of rows that are no data, such as Summa*."
    )
    several: str | None = Field(
        None, min_length=1, max_length=1, description="What stands between the values of a cell with several."
    )
    nothing: tuple[str, ...] = Field(NOTHING, description="Words that mean nothing, in any letter case.")
    dates: DateFormats = Field(DEFAULT_FORMATS, description="Date formats, tried in turn.")

    @cached_property
    def meaning_nothing(self) -> frozenset[str]:
        """The words that mean nothing, in small letters."""
        return frozenset(map(str.casefold, self.nothing)) - {""}

    @model_validator(mode="after")
    def _columns_without_header(self) -> Self:
        if (self.header in (True, "find")) != (self.columns is None):
            raise ValueError("columns: needed where header is false or auto, and only there")
        return self
