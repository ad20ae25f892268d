"""Turns an identification into support: entitlements, a plan, and referrals that find a place."""
