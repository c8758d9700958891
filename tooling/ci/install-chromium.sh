#!/usr/bin/env bash
# Makes a Chromium available for the browser tests: one that is there already, or Debian's. Prints where it is.
set -euo pipefail
find_chromium() {
  local name
  if [ -n "${MATHERON_CHROMIUM:-}" ]; then echo "$MATHERON_CHROMIUM"; return; fi
  for name in chromium chromium-browser google-chrome; do
    if command -v "$name"; then return; fi
  done
  return 1
}
if ! find_chromium; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends chromium >/dev/null
  find_chromium
fi
