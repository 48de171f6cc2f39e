/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_XEN_VIRQ_H
#define CHAOS_XEN_VIRQ_H

struct xenevtchn_handle;

/**
 * struct virq - how Xen says that a domain has shut down, or died
 * @xce: has the event channel, and nothing else
 */
struct virq {
	struct xenevtchn_handle *xce;
};

/**
 * virq_open() - have Xen tell it
 * @virq: out; to be closed with virq_close(), unless this fails
 *
 * Only one process can have that: xenstored does, where it runs.
 *
 * Return: a file descriptor that is readable when Xen has told, of @virq; or -1.
 */
int virq_open(struct virq *virq);

/**
 * virq_take() - take what made it readable
 * @virq: is open
 */
void virq_take(struct virq *virq);

/**
 * virq_close() - have Xen tell it no longer
 * @virq: is open
 */
void virq_close(struct virq *virq);

#endif /* CHAOS_XEN_VIRQ_H */
