"""How messages are carried: nothing accepted is lost, nothing is done twice.

outbox  parcels written in the transaction of the change they tell of
publisher  sends them in frames right after the commit, in the process that committed
relay  sends again what no receipt has closed, and closes what the receivers have committed
door, envelope  read what anybody may have put into a queue, and refuse what its sender may not say
consumer, delivery, handling  hand the messages of a frame to the handlers of the service
attempts  count what began and never ended, before it begins again
inbox  remembers what was handled, in the transaction of the effect, in the order of each case
holding, draining  keep what has to wait, and try it again
turns  decides about what came too early, or under a number its aggregate has passed
parking, replays  keep what could not be handled where people see it and can replay it
alerts, lateness  tell the operator, until the cause is gone
sweeps, retention  move what time has made due, and delete what is over
reopening  tells again after a database was restored
presence  tells that a worker has ended without a word, so that what it had in hand is asked for
watchdog, pulse  end a process that has come to a standstill

Locks are taken in one order, so that nobody waits in a circle. Who takes a message: its parked row,
inbox rows of a frame by id, cursors by source and aggregate, its own held row, its own inbox row,
then what the service itself locks. Who tells: outbox_sequences by aggregate, outbox by id,
closed_outbox by id, outbox_totals. Alerts come last. Several rows of a table are locked by id; who
wakes, leases or prunes takes only rows nobody holds (SKIP LOCKED), and sees the others again in a
later round.
"""
