#!/bin/sh
# The HTTP process of a service: requests come through the proxy, whose address says nothing.
exec uvicorn --factory "services.$1.app:create" --host 0.0.0.0 --port 8000 \
    --http shared.kit.wire:Wire --no-access-log --no-server-header --timeout-keep-alive 150 \
    --no-proxy-headers --timeout-graceful-shutdown 20
