#!/bin/sh
# An application handler: makes worker.sh the primary on this node, or stops it. See docs/operations.md, "Failover for your own application".
# Called again and again with the same role, so it does nothing when there is nothing to do.
#   handler.sh DIRECTORY     one that all nodes share, or that nobody else uses
set -eu
directory=${1:?usage: handler.sh DIRECTORY}
started=$directory/$FAILOVER_NODE.worker

# Prints the process and the epoch of the worker that runs here.
worker() {
    [ -s "$started" ] && read -r pid epoch <"$started" && kill -0 "$pid" 2>/dev/null && echo "$pid $epoch"
}

stop() {
    if running=$(worker); then
        kill "${running% *}"
        while kill -0 "${running% *}" 2>/dev/null; do sleep 0.02; done
    fi
    rm -f "$started"
}

case $FAILOVER_ROLE in
primary)
    if running=$(worker) && [ "${running#* }" = "$FAILOVER_EPOCH" ]; then exit 0; fi
    stop
    "$(dirname "$0")/worker.sh" "$directory" "$FAILOVER_NODE" "$FAILOVER_EPOCH" >>"$directory/$FAILOVER_NODE.log" 2>&1 </dev/null &
    echo "$! $FAILOVER_EPOCH" >"$started"
    ;;
standby)
    stop
    echo "${FAILOVER_PRIMARY:-nobody}" >"$directory/$FAILOVER_NODE.follows"
    ;;
esac
