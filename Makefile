# SPDX-License-Identifier: GPL-2.0
# The verbs of noxs; `make help` lists them. What the modules are made of is in Kbuild.

# The running kernel's headers, else the newest ones that are installed.
ifndef KDIR
KDIR := $(wildcard /lib/modules/$(shell uname -r)/build)
ifeq ($(KDIR),)
KDIR := $(shell printf '%s\n' /lib/modules/*/build/ | sort -V | tail -n 1)
endif
endif

DESTDIR ?=
TESTS ?=
FUZZ_SECONDS ?= 10

kbuild = $(MAKE) -C $(KDIR) M=$(CURDIR)

all: modules chaos

help:
	@echo 'Build'
	@echo '  make [modules]        the kernel modules, against KDIR=$(KDIR)'
	@echo '  make chaos            the toolstack'
	@echo '  make modules_install  INSTALL_MOD_PATH= modules into /lib/modules'
	@echo '  make install-chaos    DESTDIR= the toolstack'
	@echo '  make clean'
	@echo
	@echo 'Test (as root, missing Debian packages are installed)'
	@echo '  make demo             a guest without XenStore, in an emulated Xen host'
	@echo '  make check            TESTS= everything, or the parts named'
	@echo '  make check-all        more kernels, more repetitions'
	@echo '  make lint             style, static analysis, documentation'
	@echo '  make unit             the validators and parsers'
	@echo '  make fuzz             FUZZ_SECONDS= the same with made-up input'

modules:
	+$(kbuild) W=1 modules

modules_install:
	+$(kbuild) modules_install

chaos:
	+$(MAKE) -C chaos

install-chaos:
	+$(MAKE) -C chaos install DESTDIR=$(abspath $(DESTDIR))

clean:
	+$(kbuild) clean
	+if [ -f chaos/Makefile ]; then $(MAKE) -C chaos clean; fi
	+$(MAKE) -C tests/unit clean
	+$(MAKE) -C tests/fuzz clean

lint unit:
	tests/rig/deps build $@
	tests/$@

fuzz:
	tests/rig/deps build unit fuzz
	FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/run

.PHONY: all help modules modules_install chaos install-chaos clean
.PHONY: lint unit fuzz demo check check-all
