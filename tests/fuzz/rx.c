// SPDX-License-Identifier: GPL-2.0
/* What a backend puts into the rings: indices, responses, extra info. */
#include "fuzz.h"

#include <xen/noxs-vif.h>

#include "../../netfront-noxs/check.h"

/* Looking for each response, one comes to its index before the last request's. */
static void check_prod(const uint8_t **data, size_t *size)
{
	uint32_t made, seen, claimed;
	uint8_t unanswered, near;
	bool valid;

	fuzz_take(data, size, &seen, sizeof(seen));
	fuzz_take(data, size, &unanswered, 1);
	fuzz_take(data, size, &near, 1);
	fuzz_take(data, size, &claimed, sizeof(claimed));
	made = seen + unanswered;
	if (near & 1)
		claimed = made + (near >> 1) - 64;
	valid = claimed == made;
	while (!valid && made != seen)
		valid = --made == claimed;
	fuzz_assert(!netfront_check_prod(seen + unanswered, seen, claimed) ==
		    valid);
}

/* Data somewhere in a page are taken, and no others. */
static void check_rx(const uint8_t **data, size_t *size)
{
	struct xen_netif_rx_response rsp;
	uint16_t id, from, len;
	int err;

	fuzz_take(data, size, &id, sizeof(id));
	fuzz_take(data, size, &from, sizeof(from));
	fuzz_take(data, size, &len, sizeof(len));
	fuzz_take(data, size, &rsp, sizeof(rsp));
	err = netfront_check_rx(&rsp, id);
	fuzz_count(err);
	if (!err) {
		fuzz_assert(rsp.id == id && rsp.status >= 0);
		fuzz_assert(rsp.offset <= 4096 &&
			    rsp.status <= 4096 - rsp.offset);
	}

	rsp.id = id;
	rsp.offset = from % 4097;
	rsp.status = len % (4097 - rsp.offset);
	fuzz_assert(!netfront_check_rx(&rsp, id));
	fuzz_assert(netfront_check_rx(&rsp, id + 1 + from % 65535) == -EPROTO);
	rsp.status = 4097 - rsp.offset + len % 8192;
	fuzz_assert(netfront_check_rx(&rsp, id) == -EINVAL);
	rsp.status = -1 - len % 32768;
	fuzz_assert(netfront_check_rx(&rsp, id) == -EIO);
}

/* What is right with the one feature is wrong without it, or with one more thing. */
static void check_extra(const uint8_t **data, size_t *size)
{
	struct xen_netif_extra_info extra = { .type = 1 };
	uint32_t features;
	uint16_t gso, by;
	uint8_t how;

	fuzz_take(data, size, &features, sizeof(features));
	fuzz_take(data, size, &gso, sizeof(gso));
	fuzz_take(data, size, &by, sizeof(by));
	fuzz_take(data, size, &how, 1);
	extra.u.gso.size = gso % 65534 + 1;
	extra.u.gso.type = how & 1 ? 1 : 2;
	features |= how & 1 ? 1 << 3 : 1 << 4;
	fuzz_assert(!noxs_vif_check_gso(&extra, features));
	switch (how >> 1 & 7) {
	case 0:
		features &= how & 1 ? ~(1 << 3) : ~(1 << 4);
		break;
	case 1:
		extra.type = by % 255 + 2;
		break;
	case 2:
		extra.u.gso.features = by | 1;
		break;
	case 3:
		extra.u.gso.size = 0;
		break;
	case 4:
		extra.u.gso.size = 0xffff;
		break;
	default:
		extra.u.gso.type = by % 254 + 3;
	}
	fuzz_assert(noxs_vif_check_gso(&extra, features) < 0);
}

/* The segments that there are hold all of the payload, and no fewer would. */
static void check_segs(const uint8_t **data, size_t *size)
{
	uint16_t len, at, tcp, gso;
	long segs, payload;

	fuzz_take(data, size, &len, sizeof(len));
	fuzz_take(data, size, &at, sizeof(at));
	fuzz_take(data, size, &tcp, sizeof(tcp));
	fuzz_take(data, size, &gso, sizeof(gso));
	if (!gso)
		gso = 1;
	tcp &= 63;
	at &= 255;
	payload = (long)len - at - tcp;
	segs = noxs_vif_count_segs(len, at, tcp, gso);
	if (tcp < 20 || payload <= 0) {
		fuzz_assert(segs < 0);
	} else if (segs < 0) {
		fuzz_assert(payload > 2048L * gso);
	} else {
		fuzz_assert(segs <= 2048);
		fuzz_assert(segs * gso >= payload);
		fuzz_assert((segs - 1) * gso < payload);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_prod(&data, &size);
	check_rx(&data, &size);
	check_extra(&data, &size);
	check_segs(&data, &size);
	return 0;
}
