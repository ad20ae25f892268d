"""Who may call what: a caller with one of these roles."""

from typing import Annotated

from fastapi import Depends

from shared.contracts.vocabulary import Role
from shared.kit.auth import Caller, caller_with

Asked = Annotated[Caller, Depends(caller_with(Role.PROVIDER, Role.CASE_OWNER))]
CaseOwner = Annotated[Caller, Depends(caller_with(Role.CASE_OWNER))]
Watcher = Annotated[Caller, Depends(caller_with(Role.CASE_OWNER, Role.OPERATOR))]
