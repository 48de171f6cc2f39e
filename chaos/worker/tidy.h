/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_WORKER_TIDY_H
#define CHAOS_WORKER_TIDY_H

#include "util/error.h"
#include "xen/xen.h"

/**
 * tidy_all() - remove all that killed processes have left over
 * @xen: access to the hypervisor
 * @err: out: the reason of the last failure
 *
 * Domains that nobody wrote down, or whose maker didn't come to the end and is
 * dead, shells among them; records and names of guests that are gone; what noxs knows of domains
 * that are gone. Domains without a handle of noxs aren't touched, nor is what
 * somebody is at work on.
 *
 * Return: 0 or a negative errno.
 */
int tidy_all(struct xen *xen, struct error *err);

#endif /* CHAOS_WORKER_TIDY_H */
