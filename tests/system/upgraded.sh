#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# What README.md says, on a Debian 13 that was a Debian 12 when noxs was installed:
# upgraded.host has made it one.
#
# kernels: 6.12
# xenhost: --pvh --dom0-memory all
# cost: boots 1 guests 12 seconds 1500

set -euo pipefail

exec "$(dirname "$0")/readme.sh"
