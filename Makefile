# SPDX-License-Identifier: GPL-2.0
# The verbs of noxs; `make help` lists them. What the modules are made of is in
# Kbuild, which a kernel's makefiles read in place of this file.

# The running kernel's headers, else the newest ones that are installed.
ifndef KDIR
KDIR := $(wildcard /lib/modules/$(shell uname -r)/build)
ifeq ($(KDIR),)
KDIR := $(shell printf '%s\n' /lib/modules/*/build | sort -V | tail -n 1)
endif
endif

DESTDIR ?=
TESTS ?=
KERNELS ?=
FUZZ_SECONDS ?= 10
BENCH ?=
BENCH_OPTIONS ?=

# The compiler is the kernel's own, unless another is given; as DKMS does it.
ifeq ($(LLVM)$(filter-out default,$(origin CC)),)
llvm := $(if $(shell grep -s '^CONFIG_CC_IS_CLANG=y' $(KDIR)/.config),LLVM=1)
endif

kbuild = $(MAKE) -C $(KDIR) M=$(CURDIR) $(llvm)
# Tests run makes of their own, which the variables of this one don't concern.
test = env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL

modules:
	$(kbuild) W=1 modules

help:
	@echo 'Build'
	@echo '  make                  the kernel modules, against KDIR='
	@echo '                        $(KDIR)'
	@echo '  make modules_install  into INSTALL_MOD_PATH=/lib/modules'
	@echo '  make chaos            the toolstack'
	@echo '  make install-chaos    into DESTDIR='
	@echo '  make deb              Debian packages, in debs/'
	@echo '  make docs             the picture in docs/, from its text'
	@echo '  make clean'
	@echo
	@echo 'Test; root gets the Debian packages that are missing'
	@echo '  make demo             guests without XenStore, in an emulated Xen host'
	@echo '  make check            everything, or TESTS="lint unit net ...";'
	@echo '                        in dom0 KERNELS="6.1 6.12 12:6.12 6.1+6.12 debug"'
	@echo '  make check-all        more repetitions, more kernels'
	@echo '  make lint             style, static analysis, documentation'
	@echo '  make unit             what validates and parses'
	@echo '  make fuzz             the same, FUZZ_SECONDS=10 for each target'
	@echo
	@echo 'Measure'
	@echo '  make bench            against XenStore, in instructions and counts;'
	@echo '                        BENCH_OPTIONS="-r 10 -n 100" for more; HOST=local:'
	@echo '                        on this Xen host, by the clock'

modules_install:
	$(kbuild) modules_install

chaos:
	$(MAKE) -C chaos

install-chaos:
	$(MAKE) -C chaos install DESTDIR=$(abspath $(DESTDIR))

docs:
	mscgen -T svg -i docs/connect.msc -o docs/connect.svg

deb:
	@tests/rig/deps build ship
	@$(test) scripts/deb debs

clean:
	$(kbuild) clean
	$(MAKE) -C chaos clean

lint:
	@tests/rig/deps build lint
	@$(test) tests/lint

unit:
	@tests/rig/deps build unit
	@$(test) tests/unit/run

fuzz:
	@tests/rig/deps build unit fuzz
	@$(test) FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/run

demo:
	@tests/rig/deps build rig
	@$(test) tests/xenhost -- /opt/noxs/tests/demo.sh

bench:
	@tests/rig/deps build rig bench
	@$(test) tests/bench/run $(if $(HOST),-H $(HOST)) $(BENCH_OPTIONS) $(BENCH)

check check-all:
	@$(test) $(if $(KERNELS),KERNELS="$(KERNELS)") \
		$(if $(filter %-all,$@),NOXS_LONG=1) tests/check $(TESTS)

.PHONY: modules help modules_install chaos install-chaos docs deb clean
.PHONY: lint unit fuzz demo bench check check-all
