#!/usr/bin/env bash
# Installs Debian's OpenBLAS with 32- and with 64-bit integers, where it is missing, for the tests of backend-native.
set -euo pipefail
missing() { ! ldconfig -p | grep -q "$1"; }
if missing 'libopenblas\.so' || missing 'libopenblas64\.so'; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends libopenblas0-pthread libopenblas64-0-pthread >/dev/null
  ldconfig
fi
ldconfig -p | grep openblas
