"""How messages are carried: nothing accepted is lost, nothing is done twice.

outbox  rows written in the transaction of the change they tell of
publisher  sends them in frames right after the commit, in the process that committed
relay  sends again what no receipt has closed, and closes what the receivers have committed
consumer  takes frames off the queue and hands messages to the handlers of the service
inbox  remembers what was handled, in the transaction of the effect, in the order of each case
parking  keeps what could not be handled where people see it and can replay it

Locks are taken in one order, so that nobody waits in a circle. Who takes a message: its parked row,
inbox rows of a frame by id, cursors by source and aggregate, its own held row, its own inbox row,
then what the service itself locks. Who tells: outbox_sequences by destination and aggregate, outbox
by destination and id, closed_outbox by id, outbox_totals. Alerts come last. Several rows of one
table are locked by id; who wakes, leases or prunes takes only rows nobody holds (SKIP LOCKED), and
sees the others again in a later round.
"""
