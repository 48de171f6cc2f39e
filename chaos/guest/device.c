// SPDX-License-Identifier: GPL-2.0
/*
 * The devices of a guest that is there.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "guest/device.h"
#include "util/signal.h"
#include "util/util.h"

#define WAIT_STEP_MS	500

/*
 * Return: 1 if all that matter are connected, 0 if not yet, or a negative
 * errno if they never will be. In both latter cases @err has one of them.
 */
static int look(struct noxs *noxs, uint32_t domid, uint16_t type,
		unsigned int id, struct error *err)
{
	struct noxs_dev *devs, *dev;
	bool found = !type;
	int count, ret = 1;

	count = noxs_dev_list(noxs, domid, type, &devs, err);
	if (count < 0)
		return count;
	for (dev = devs; dev < devs + count && ret >= 0; dev++) {
		const char *name = noxs_type_name(dev->type);

		if (type && dev->id != id)
			continue;
		found = true;
		if (dev->connected)
			continue;
		ret = error_set(err, 0,
				"%s %u: not connected in time: backend %s, frontend %s",
				name, dev->id, dev->backend, dev->frontend);
		if (dev->error)
			ret = error_sys(err, -EIO,
					"%s %u: closed by its backend: %s",
					name, dev->id, strerror(dev->error));
	}
	free(devs);
	if (!found)
		return error_set(err, -ENODEV, "%s %u: has gone",
				 noxs_type_name(type), id);
	return ret;
}

int device_wait(struct noxs *noxs, struct xen *xen, uint32_t domid,
		uint16_t type, unsigned int id, int timeout, struct error *err)
{
	int64_t deadline = clock_ms() + timeout;
	struct domain_info info;
	int ret;

	noxs_watch(noxs);
	for (;;) {
		int64_t left = deadline - clock_ms();

		ret = look(noxs, domid, type, id, err);
		if (ret)
			return ret < 0 ? ret : 0;
		if (left <= 0)
			return -ETIMEDOUT;
		if (signals_pending())
			return error_set(err, -EINTR, "interrupted");
		/* Of a guest that stops, or a signal, there is no event. */
		ret = noxs_wait(noxs, left < WAIT_STEP_MS ? left : WAIT_STEP_MS,
				err);
		if (ret && ret != -EINTR)
			return ret;
		if (xen_info(xen, domid, &info) || xen_has_stopped(&info))
			return error_set(err, -ESRCH, "the guest has stopped");
	}
}
