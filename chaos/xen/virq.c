// SPDX-License-Identifier: GPL-2.0
/*
 * VIRQ_DOM_EXC: Xen raises it when a domain shuts down, crashes or has died, and
 * does not say which one.
 */
#include <stddef.h>
#include <stdint.h>
#include <xen/xen.h>
#include <xenevtchn.h>

#include "xen/virq.h"

int virq_open(struct virq *virq)
{
	virq->xce = xenevtchn_open(NULL, 0);
	if (!virq->xce)
		return -1;
	if (xenevtchn_bind_virq(virq->xce, VIRQ_DOM_EXC) >= 0)
		return xenevtchn_fd(virq->xce);
	virq_close(virq);
	return -1;
}

void virq_take(struct virq *virq)
{
	int port = xenevtchn_pending(virq->xce);

	if (port >= 0)
		xenevtchn_unmask(virq->xce, port);
}

void virq_close(struct virq *virq)
{
	xenevtchn_close(virq->xce);
	virq->xce = NULL;
}
