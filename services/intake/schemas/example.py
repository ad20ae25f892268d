"""A submission as the interface's description shows it: of an invented person."""

from typing import Any

EXAMPLE: dict[str, Any] = {
    "route": "SELF_REPORT",
    "sender_reference": "VD/2026/001",
    "languages": ["vi"],
    "needs_interpreter": False,
    "immediate_needs": ["shelter"],
    "accompanying_minors": [],
    "papers": [
        {
            "type": "DECLARATION",
            "number": "01/TK-UBND",
            "issuer": "Ủy ban nhân dân xã Kiến Thụy",
            "issued_on": "2026-03-02",
        },
        {
            "type": "POLICE_CERTIFICATE",
            "number": "12/GXN-CATP",
            "issuer": "Công an thành phố Hải Phòng",
            "issued_on": "2026-03-10",
        },
    ],
    "requested_services": ["VOCATIONAL"],
    "consents": [{"organisation_kind": "vocational_school", "purpose": "service_referral"}],
    "person": {
        "full_name": "Nguyễn Thị Ví Dụ",
        "aliases": [],
        "sex": "female",
        "birth_date": "1996-05-02",
        "nationality": "VN",
        "identity_documents": [{"type": "CCCD", "number": "031196000099"}],
        "phones": [{"number": "+84 900 000 099", "safe_to_call": True}],
        "origin_unit_code": "11680",
        "present_unit_code": "11680",
    },
    "exploitation": {"types": ["ForcedMarriage"], "country": "CN"},
}
"""``docs/examples/case.json``, which the README submits with curl."""
