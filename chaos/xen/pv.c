// SPDX-License-Identifier: GPL-2.0
/*
 * Paravirtualised domains: all that they need is common to all types, as
 * libxenguest was made for them.
 */
#include "xen/type.h"

const struct domain_type domain_pv = {
	.name = "pv",
};
