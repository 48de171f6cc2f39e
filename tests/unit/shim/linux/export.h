/* SPDX-License-Identifier: GPL-2.0 */
/* See types.h beside this file. */
#define EXPORT_SYMBOL_GPL(name)	struct shim_export
