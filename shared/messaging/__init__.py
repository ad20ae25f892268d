"""How messages are carried: nothing accepted is lost, nothing is done twice.

outbox  rows written in the transaction of the change they tell of
publisher  sends them in frames right after the commit, in the process that committed
relay  sends again what no receipt has closed, and closes what the receivers have committed
consumer  takes frames off the queue and hands messages to the handlers of the service
inbox  remembers what was handled, in the transaction of the effect, in the order of each case
parking  keeps what could not be handled where people see it and can replay it
"""
