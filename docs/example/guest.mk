# SPDX-License-Identifier: MIT
# How a guest's kernel is built that begins with start.S.

guest-flags := -std=gnu11 -ffreestanding -mgeneral-regs-only -mno-red-zone
guest-flags += -fno-stack-protector -fno-pic -fcf-protection=none
guest-flags += -nostdlib -static
guest-flags += -Wl,-Ttext-segment=0x100000 -Wl,-z,max-page-size=4096
