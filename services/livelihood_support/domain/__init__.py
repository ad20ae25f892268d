"""Use cases: session and facts in, rows and outbox messages out; nothing here commits."""

from services.livelihood_support.domain.ages import note_ages
from services.livelihood_support.domain.alerting import SWEEP as TELL_ALERTS
from services.livelihood_support.domain.alerting import tell_alerts, waiting_alerts
from services.livelihood_support.domain.asking import add_need, granted_codes
from services.livelihood_support.domain.cases import CaseFacts, store_cases
from services.livelihood_support.domain.choosing import find_candidates
from services.livelihood_support.domain.closing import move_alert
from services.livelihood_support.domain.consents import give_consent, withdraw_consent
from services.livelihood_support.domain.deliveries import DeliveryFacts, note_deliveries
from services.livelihood_support.domain.directory import (
    OrganisationFacts,
    ProgrammeFacts,
    note_organisations,
    note_programmes,
)
from services.livelihood_support.domain.duties import DUTIES
from services.livelihood_support.domain.ending import end_need
from services.livelihood_support.domain.facts import (
    Accompanying,
    FactKept,
    FactStated,
    FactView,
    find_facts,
    tell_accompanying,
    tell_fact,
)
from services.livelihood_support.domain.following import FOLLOW, follow_rules, rehearse
from services.livelihood_support.domain.giving import received_of
from services.livelihood_support.domain.locks import Needs, lock_frame
from services.livelihood_support.domain.mending import mend_needs
from services.livelihood_support.domain.move_views import find_moves
from services.livelihood_support.domain.moves import move_referral
from services.livelihood_support.domain.needs import find_needs, read_need
from services.livelihood_support.domain.owning import may_change, note_hand_overs
from services.livelihood_support.domain.periods import (
    answer_period,
    delivery_period,
    why_delivery_is_due,
    why_it_expires,
)
from services.livelihood_support.domain.places import find_places
from services.livelihood_support.domain.plan_views import find_plans
from services.livelihood_support.domain.plans import open_plans
from services.livelihood_support.domain.provisional import BEGIN, begin_presumed
from services.livelihood_support.domain.provisions import (
    Paper,
    ProvisionFacts,
    correct_provision,
    find_provisions,
    may_record,
    read_provision,
    record_provision,
)
from services.livelihood_support.domain.purges import (
    NoticeFacts,
    alert_owed_purges,
    note_purge_notices,
)
from services.livelihood_support.domain.reading import (
    find_offers,
    find_referral,
    find_referrals,
)
from services.livelihood_support.domain.remembering import (
    RememberedFacts,
    remember,
    retrace_ready,
)
from services.livelihood_support.domain.resting import find_what_rests
from services.livelihood_support.domain.retention import RETENTION
from services.livelihood_support.domain.reversals import Conclusion
from services.livelihood_support.domain.running import RUNNING
from services.livelihood_support.domain.stays.announcing import announce_stay
from services.livelihood_support.domain.stays.handovers import (
    AwaitedFacts,
    HandoverFacts,
    find_houses,
    keep_handover,
)
from services.livelihood_support.domain.stays.held import (
    HandoverView,
    answer_handover,
    find_handovers,
    show_handovers,
)
from services.livelihood_support.domain.stays.moving import move_stay
from services.livelihood_support.domain.stays.readiness import (
    Readiness,
    attest_sheet,
    find_readiness,
    write_sheet,
)
from services.livelihood_support.domain.stays.reading import (
    ShownStay,
    StaysWanted,
    find_stay,
    find_stay_moves,
    find_stays,
    show_stays,
)
from services.livelihood_support.domain.sweeps import (
    expire_offers,
    pass_on_undelivered,
    retry_unplaced,
)
from services.livelihood_support.domain.timekeeping import (
    ALERT,
    WATCHING,
    alert_unstarted,
    watch_clocks,
)
from services.livelihood_support.domain.trail import TRAIL
from services.livelihood_support.domain.unanswered import alert_unanswered
from services.livelihood_support.domain.unread import ReadFacts, alert_unread, note_reads
from services.livelihood_support.domain.ways import find_ways, settle_way
from services.livelihood_support.domain.windows import watch_windows

__all__ = [
    "ALERT",
    "BEGIN",
    "DUTIES",
    "FOLLOW",
    "RETENTION",
    "RUNNING",
    "TELL_ALERTS",
    "TRAIL",
    "WATCHING",
    "Accompanying",
    "AwaitedFacts",
    "CaseFacts",
    "Conclusion",
    "DeliveryFacts",
    "FactKept",
    "FactStated",
    "FactView",
    "HandoverFacts",
    "HandoverView",
    "Needs",
    "NoticeFacts",
    "OrganisationFacts",
    "Paper",
    "ProgrammeFacts",
    "ProvisionFacts",
    "ReadFacts",
    "Readiness",
    "RememberedFacts",
    "ShownStay",
    "StaysWanted",
    "add_need",
    "alert_owed_purges",
    "alert_unanswered",
    "alert_unread",
    "alert_unstarted",
    "announce_stay",
    "answer_handover",
    "answer_period",
    "attest_sheet",
    "begin_presumed",
    "correct_provision",
    "delivery_period",
    "end_need",
    "expire_offers",
    "find_candidates",
    "find_facts",
    "find_handovers",
    "find_houses",
    "find_moves",
    "find_needs",
    "find_offers",
    "find_places",
    "find_plans",
    "find_provisions",
    "find_readiness",
    "find_referral",
    "find_referrals",
    "find_stay",
    "find_stay_moves",
    "find_stays",
    "find_ways",
    "find_what_rests",
    "follow_rules",
    "give_consent",
    "granted_codes",
    "keep_handover",
    "lock_frame",
    "may_change",
    "may_record",
    "mend_needs",
    "move_alert",
    "move_referral",
    "move_stay",
    "note_ages",
    "note_deliveries",
    "note_hand_overs",
    "note_organisations",
    "note_programmes",
    "note_purge_notices",
    "note_reads",
    "open_plans",
    "pass_on_undelivered",
    "read_need",
    "read_provision",
    "received_of",
    "record_provision",
    "rehearse",
    "remember",
    "retrace_ready",
    "retry_unplaced",
    "settle_way",
    "show_handovers",
    "show_stays",
    "store_cases",
    "tell_accompanying",
    "tell_alerts",
    "tell_fact",
    "waiting_alerts",
    "watch_clocks",
    "watch_windows",
    "why_delivery_is_due",
    "why_it_expires",
    "withdraw_consent",
    "write_sheet",
]
