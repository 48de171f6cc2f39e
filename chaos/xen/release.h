/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_XEN_RELEASE_H
#define CHAOS_XEN_RELEASE_H

/*
 * In what the releases of Xen differ for chaos, 4.17 to 4.22. What is here is right for
 * each of them, so that there are no cases of which the tests see one only. Where a
 * release's headers have it, who uses it sees that it is the same.
 */

/*
 * DOMID_ANY, which asks Xen to choose a new domain's domid. For that it took 0, too, until
 * 4.21, and takes only this since then; what no domain can have meant the same before that.
 */
#define RELEASE_DOMID_ANY		0x7ff5U

/*
 * Where in a console's page, behind the ring, libxenguest writes 1 since 4.21, which tells
 * the guest that nobody would take what it prints: new Linux prints nothing then. Before
 * that it was 0, which says that somebody does.
 */
#define RELEASE_CONSOLE_CONNECTION	3088

/* The releases of each branch that have no known faults by which guests can do harm. */
#define RELEASES_FIXED			"4.17.7", "4.20.4", "4.21.2"

#endif /* CHAOS_XEN_RELEASE_H */
