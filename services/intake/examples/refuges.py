"""Where a person is kept safe, as the interface is told it, and never shows it."""

from typing import Final

from services.intake.examples import Example
from shared.contracts.sample import CASE

REFUGE_CREATE: Final[Example] = {"place": "Phòng 203, Nhà tạm lánh Ví Dụ; vào bằng cổng sau"}
REFUGE_READ: Final[Example] = {
    "id": "019cacb4-7081-7293-8da4-bfc0d132e4f5",
    "case_id": CASE,
    "recorded_at": "2026-03-02T05:10:00Z",
    "ended_at": None,
}
