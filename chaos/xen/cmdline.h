/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_XEN_CMDLINE_H
#define CHAOS_XEN_CMDLINE_H

#include <stdint.h>

#include "util/error.h"

/*
 * The command line of a kernel that is in a domain's memory already. The domain
 * is built with cmdline_blank, for which libxenguest makes as much room as any
 * command line needs, in the page that tells the kernel of all that it has; and
 * that is where the right one is put before the domain runs.
 */

/**
 * struct cmdline_place - where a domain has its command line
 * @gfn: the frame, as the foreign memory interface takes it
 * @offset: within it
 */
struct cmdline_place {
	uint64_t gfn;
	uint32_t offset;
};

/**
 * cmdline_blank() - what a domain is built with whose command line comes later
 *
 * Return: as long as a command line may be.
 */
char *cmdline_blank(void);

/**
 * cmdline_find() - see where a domain has cmdline_blank()
 * @domid: the domain, which has never run
 * @gfn: frame of its start info, see struct domain
 * @place: out
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int cmdline_find(uint32_t domid, uint64_t gfn, struct cmdline_place *place,
		 struct error *err);

/**
 * cmdline_set() - put a command line in the place of cmdline_blank()
 * @domid: the domain, which has never run
 * @place: where
 * @cmdline: at most CONFIG_CMDLINE_MAX characters
 * @err: out: the reason of a failure
 *
 * Return: 0, -EBADMSG if something else is there, another negative errno.
 */
int cmdline_set(uint32_t domid, const struct cmdline_place *place,
		const char *cmdline, struct error *err);

#endif /* CHAOS_XEN_CMDLINE_H */
