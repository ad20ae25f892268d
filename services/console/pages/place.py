"""Where somebody logs in, as the console sees it: the kind of device, and the network address."""

from typing import Any

from fastapi import Request

from services.console.pages.edge import Rules

PHONE, TABLET, COMPUTER, UNKNOWN = "phone", "tablet", "computer", "unknown"


def place_of(request: Request, rules: Rules, device_token: str | None) -> dict[str, Any]:
    """The place of a step, as the directory takes it."""
    return {
        "device": device_of(request.headers.get("user-agent", "")),
        "source": source_of(request, rules),
        "device_token": device_token,
    }


def device_of(user_agent: str) -> str:
    """The kind of device that a browser says it runs on."""
    said = user_agent.lower()
    if "ipad" in said or "tablet" in said or ("android" in said and "mobile" not in said):
        return TABLET
    if "mobi" in said or "iphone" in said:
        return PHONE
    return COMPUTER if "mozilla" in said else UNKNOWN


def source_of(request: Request, rules: Rules) -> str:
    """The address that a request came from; behind our own proxy, the one that the proxy saw."""
    if rules.is_behind_proxy:
        seen = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
        if seen:
            return seen[:64]
    return request.client.host if request.client else UNKNOWN
