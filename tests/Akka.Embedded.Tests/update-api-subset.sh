#!/bin/sh
# Picks from a listing of Akka.NET's whole public API the lines that the embedded engine needs:
#
#   dotnet test tests/Akka.Embedded.Tests --filter ApiSubsetTests     # writes akka-api.actual.txt
#   tests/Akka.Embedded.Tests/update-api-subset.sh LISTING
#
# A line of the engine that the listing does not have stays out, so the test goes on naming it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
actual=${2:-$here/bin/Debug/net10.0/akka-api.actual.txt}
awk '
  function header(line) { sub(/  \[.*/, "", line); sub(/ : .*/, "", line); return line }
  /^  / { if (FNR == NR) needed[type, $0] = 1; else if ((type, $0) in needed) print; next }
  { type = header($0); if (FNR == NR) needed[type] = 1; else if (type in needed) print }
' "$actual" "$1" >"$here/akka-api.subset.txt"
