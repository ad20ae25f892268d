"""What must hold, read from the databases of all services.

``balance`` counts messages at both ends, and compares the counts:

I3  told = closed + open at the sender; taken = applied + held + parked at the receiver; and for
    each aggregate what is told and not open is taken
I4  per aggregate and sender, what was applied has the numbers 1..n, each once

``breaches`` names the messages and aggregates that break these two, and the rows that break a rule
of the field:

I1  no case is forgotten on its way; every case has somebody who must act, since when and why, and
    every open verification, referral and purge has exactly one who must act (``turns``)
I2  no effect twice: not a step, a place, a delivery, a purge, a disclosure (at the partner: its
    own ledger)
I5  every row of every table of acts has exactly one audit entry, at the service whose act it is
I8  what a client was answered with 201 is there, whichever route made it, and nothing was made
    twice for one answer
I9  nothing grows without a row that says what prunes it, and what prunes it is not behind
"""

from deploy.stack.invariants.balance import Balance, balance
from deploy.stack.invariants.breaches import SOON, breaches
from deploy.stack.invariants.reading import Urls
from deploy.stack.invariants.rule import Breach

__all__ = ["SOON", "Balance", "Breach", "Urls", "balance", "breaches"]
