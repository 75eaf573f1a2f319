#!/bin/sh
# The application: adds a line to DIRECTORY/work several times a second, as long as it is the newest primary. The epoch is its fencing
# token: the directory remembers the largest one, and whoever has a smaller one must stop. So a worker that was left behind,
# because its node was killed, does no harm once the next one has started.
set -eu
directory=$1 node=$2 epoch=$3
token=$directory/token

while (
    flock 9
    newest=$(cat "$token" 2>/dev/null || echo 0)
    [ "$newest" -le "$epoch" ] || exit 1
    echo "$epoch" >"$token"
    echo "$epoch $node" >>"$directory/work"
) 9>"$directory/lock"; do
    sleep 0.1
done
echo "$node stops: epoch $epoch is not the newest any more"
