"""Every code a service may answer with, and what it means in words, in the language asked for."""

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse

from shared.kit.auth import subject_of
from shared.kit.problems import refusals, spoken_in, texts_of
from shared.kit.routing import Router
from shared.kit.shapes import Shape, shown
from shared.kit.subjects import Subject
from shared.texts import TextLanguage, Texts, accepted

router = Router(tags=["vocabulary"])

KEPT = {"Cache-Control": "private, no-cache"}
"""It holds nobody's data, so a caller may keep it, and asks each time whether it has changed."""


class Vocabulary(Shape):
    """What the codes of a service mean."""

    model_config = shown(
        {
            "language": "vi",
            "vocabularies": {"problem": {"bad-request": "Yêu cầu thiếu nội dung bắt buộc."}},
        }
    )

    language: TextLanguage
    """The language of the texts, as a code."""
    vocabularies: dict[str, dict[str, str]]
    """The text of every code, by the name of its vocabulary and by the code itself. Titles of
    problems are under `problem`, what a broken rule asks for under `rule`; a name in braces stands
    for a member of the problem.
    """


@router.get(
    "/vocabulary",
    response_model=Vocabulary,
    responses={304: {"description": "Not changed."}, **refusals(401, 422)},
)
def read_vocabulary(
    request: Request,
    _caller: Annotated[Subject, Depends(subject_of)],
    _language: Annotated[
        str | None,
        Header(
            alias="Accept-Language",
            description="The languages you read (RFC 9110 section 12.5.4): `vi` or `en`;"
            " Vietnamese if it names neither.",
        ),
    ] = None,
) -> JSONResponse:
    """Read what every code of this service means, in Vietnamese or English.

    Take the texts from here rather than write your own; keep them, and ask with If-None-Match.
    """
    language = accepted(_lines(request))
    said, tag = _whole(texts_of(request.scope), language)
    return JSONResponse(
        {"language": language, "vocabularies": said},
        headers={"ETag": tag, **KEPT, **spoken_in(language)},
    )


def _lines(request: Request) -> Sequence[str]:
    return request.headers.getlist("accept-language")


@cache
def _whole(texts: Texts, language: TextLanguage) -> tuple[dict[str, dict[str, str]], str]:
    """All texts of a language, and the entity tag of just these."""
    said = texts.vocabularies(language)
    stated = json.dumps([language, said], sort_keys=True).encode()
    return said, f'"{hashlib.sha256(stated).hexdigest()[:32]}"'
