#!/bin/sh
# Ask the proxy with what its image has: Alpine's has wget, Debian's has bash.
if command -v wget >/dev/null 2>&1; then
    exec wget -q -T 2 -O /dev/null http://127.0.0.1:8081/
fi
exec bash -c 'exec 3<>/dev/tcp/127.0.0.1/8081 &&
    printf "GET / HTTP/1.0\r\nHost: 127.0.0.1:8081\r\n\r\n" >&3 &&
    read -r -t 2 answer <&3 && [[ $answer == *" 200 "* ]]'
