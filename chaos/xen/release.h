/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_XEN_RELEASE_H
#define CHAOS_XEN_RELEASE_H

/*
 * In what the releases of Xen differ for chaos, 4.17 to 4.22. What is here is right for
 * each of them, so that there are no cases of which the tests see one only.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/xen.h>
#include <xen/io/console.h>

/*
 * Asks Xen to choose a new domain's domid. For that it took 0, too, until 4.21, and takes
 * only this since then; what no domain can have meant the same before that.
 */
#ifndef DOMID_ANY
#define DOMID_ANY	0x7ff5U
#endif

static_assert(DOMID_ANY == 0x7ff5U, "Xen before 4.22 has no name for it");

/*
 * Behind the ring. libxenguest writes 1 there since 4.21, which tells a guest that nobody
 * would take what it prints: new Linux prints nothing then. Before that it was 0.
 */
#define CONSOLE_CONNECTION \
	(offsetof(struct xencons_interface, out_prod) + sizeof(XENCONS_RING_IDX))
#ifdef XENCONSOLE_CONNECTED
static_assert(offsetof(struct xencons_interface, connection) == CONSOLE_CONNECTION,
	      "where a console says that it is connected");
static_assert(XENCONSOLE_CONNECTED == 0, "what a console says when it is connected");
#endif

/**
 * release_console_connected() - tell a guest that somebody takes what it prints
 * @page: its console's ring
 */
static inline void release_console_connected(struct xencons_interface *page)
{
	__atomic_store_n((uint8_t *)page + CONSOLE_CONNECTION, 0, __ATOMIC_RELEASE);
}

/* The releases of each branch that have no known faults by which guests can do harm. */
#define RELEASES_FIXED	"4.17.7", "4.20.4", "4.21.2"

#endif /* CHAOS_XEN_RELEASE_H */
