"""Who reaches what of livelihood support, as ``tests.reaching`` reads it."""

from tests.livelihood_support.calls import BASE

TABLE = """
                                                            provider case_owner operator receiver
GET  /livelihood-support/v1/referrals                                            ++-- +-+- xxxx xxxx
GET  /livelihood-support/v1/referrals/{referral_id}                              ++-- +-+- xxxx xxxx
GET  /livelihood-support/v1/referrals/{referral_id}/moves                        ++-- +-+- xxxx xxxx
POST /livelihood-support/v1/referrals/{referral_id}/moves                        ++-- +-+- xxxx xxxx
GET  /livelihood-support/v1/referrals/{referral_id}/offers                       xxxx +-+- xxxx xxxx
GET  /livelihood-support/v1/referrals/{referral_id}/candidates                   xxxx +-+- xxxx xxxx
GET  /livelihood-support/v1/places                                               ++-- xxxx xxxx xxxx
GET  /livelihood-support/v1/cases/{case_id}/needs                                xxxx +-+- xxxx xxxx
POST /livelihood-support/v1/cases/{case_id}/needs                                xxxx +-+- xxxx xxxx
GET  /livelihood-support/v1/cases/{case_id}/needs/{need_id}                      xxxx +-+- xxxx xxxx
POST /livelihood-support/v1/cases/{case_id}/needs/{need_id}/moves                xxxx +-+- xxxx xxxx
GET  /livelihood-support/v1/cases/{case_id}/facts                                xxxx +-+- xxxx xxxx
POST /livelihood-support/v1/cases/{case_id}/facts                                xxxx +-+- xxxx xxxx
POST /livelihood-support/v1/cases/{case_id}/fact-withdrawals                     xxxx +-+- xxxx xxxx
GET  /livelihood-support/v1/cases/{case_id}/provisions                           xxxx +-+- xxxx ++--
POST /livelihood-support/v1/cases/{case_id}/provisions                           xxxx +-+- xxxx ++--
GET  /livelihood-support/v1/cases/{case_id}/provisions/{provision_id}            xxxx +-+- xxxx ++--
POST /livelihood-support/v1/cases/{case_id}/provisions/{provision_id}/moves      xxxx +-+- xxxx ++--
GET  /livelihood-support/v1/cases/{case_id}/ways-on                              xxxx +-+- xxxx xxxx
POST /livelihood-support/v1/cases/{case_id}/ways-on/{way_id}/moves               xxxx +-+- xxxx xxxx
GET  /livelihood-support/v1/plans                                                xxxx +-+- xxxx xxxx
GET  /livelihood-support/v1/alerts                                               xxxx +-+- ++++ xxxx
POST /livelihood-support/v1/alerts/{alert_id}/moves                              xxxx +-+- xxxx xxxx
"""

ANNOUNCING = f"{BASE}/cases/{{case_id}}/stays"
ALL, ONE = f"{BASE}/stays", f"{BASE}/stays/{{stay_id}}"
OF_NO_CASE = frozenset(
    {
        f"GET {BASE}/facilities",
        f"GET {BASE}/held-places",
        f"POST {BASE}/held-places/{{notice_id}}/answer",
        f"POST {BASE}/readiness-sheets",
        f"POST {BASE}/readiness-sheets/{{sheet_id}}/attestation",
    }
)
"""What is about facilities and no case: ``test_readiness.py`` and ``test_handovers.py`` ask who
reads it."""
STAYS = f"""
                     case_owner facility others
POST {ANNOUNCING}    +-+-       xxxx     xxxx
GET  {ALL}           +-+-       ++--     xxxx
GET  {ONE}           +-+-       ++--     xxxx
GET  {ONE}/moves     +-+-       ++--     xxxx
POST {ONE}/moves     +-+-       ++--     xxxx
"""
"""Of stays, where own is what lies in one's own facility."""
