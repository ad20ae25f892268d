"""Message handlers: the directory is told nothing; its queue carries only the canary."""

from shared.contracts import Queue
from shared.messaging.consumer import Consumer

consumer = Consumer(Queue.DIRECTORY)
