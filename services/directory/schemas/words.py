"""The words that shapes have in common."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.kit.texts import OneLine

Name = Annotated[str, Field(min_length=1, max_length=200), OneLine]
Note = Annotated[str, Field(min_length=1, max_length=500), OneLine]
AreaCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{2,10}$")]
OrganisationCode = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)
]
ClientId = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]$", max_length=64)
]
Age = Annotated[int, Field(ge=0, le=150, description="An age in completed years.")]
Version = Annotated[
    int, Field(description="The number in the ETag, which a change sends back as If-Match.")
]
