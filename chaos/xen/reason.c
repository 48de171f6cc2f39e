// SPDX-License-Identifier: GPL-2.0
/*
 * That a domain has ended, and why, as Xen reports it: it raises VIRQ_DOM_EXC when one
 * shuts down, crashes or has died, and does not say which one.
 */
#include <errno.h>
#include <string.h>
#include <xenctrl.h>
#include <xenevtchn.h>

#include "util/util.h"
#include "xen/reason.h"

const char *ending_name(enum ending ending)
{
	static const char *const names[] = {
		[ENDING_NONE] = "none",
		[ENDING_POWEROFF] = "poweroff",
		[ENDING_REBOOT] = "reboot",
		[ENDING_SUSPEND] = "suspend",
		[ENDING_CRASH] = "crash",
		[ENDING_WATCHDOG] = "watchdog",
		[ENDING_SOFT_RESET] = "soft-reset",
		[ENDING_UNKNOWN] = "unknown",
		[ENDING_KILLED] = "killed",
	};

	return names[ending];
}

enum ending ending_of(const struct domain_info *info)
{
	static const enum ending endings[] = {
		[SHUTDOWN_poweroff] = ENDING_POWEROFF,
		[SHUTDOWN_reboot] = ENDING_REBOOT,
		[SHUTDOWN_suspend] = ENDING_SUSPEND,
		[SHUTDOWN_crash] = ENDING_CRASH,
		[SHUTDOWN_watchdog] = ENDING_WATCHDOG,
		[SHUTDOWN_soft_reset] = ENDING_SOFT_RESET,
	};

	if (!info->shutdown)
		return ENDING_NONE;
	return info->reason < ARRAY_SIZE(endings) ? endings[info->reason] :
						    ENDING_UNKNOWN;
}

enum ending ending_look(struct xen *xen, uint32_t domid,
			const uint8_t *handle)
{
	struct domain_info info;
	enum ending ending;
	int ret;

	ret = xen_info(xen, domid, &info);
	if (ret == -ESRCH ||
	    (!ret && memcmp(info.handle, handle, UUID_SIZE)))
		return ENDING_KILLED;
	if (ret)
		return ENDING_NONE;
	/* What it said itself is still there while others destroy it. */
	ending = ending_of(&info);
	if (ending != ENDING_NONE)
		return ending;
	return info.dying ? ENDING_KILLED : ENDING_NONE;
}

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
