// SPDX-License-Identifier: GPL-2.0
/* What a backend puts into the rings: indices, responses, extra info. */
#include "fuzz.h"

#include <xen/noxs-vif.h>

#include "../../netfront-noxs/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xen_netif_extra_info extra;
	struct xen_netif_rx_response rsp;
	uint32_t index[3], features;
	bool valid;
	u16 id;

	fuzz_take(&data, &size, index, sizeof(index));
	index[1] = index[0] - index[1] % 257;
	fuzz_accept(netfront_check_prod(index[0], index[1], index[2]),
		    (uint32_t)(index[2] - index[1]) <= index[0] - index[1]);

	fuzz_take(&data, &size, &rsp, sizeof(rsp));
	fuzz_take(&data, &size, &id, sizeof(id));
	valid = rsp.id == id && rsp.status >= 0 &&
		(long)rsp.offset + rsp.status <= 4096;
	fuzz_accept(netfront_check_rx(&rsp, id), valid);

	fuzz_take(&data, &size, &features, sizeof(features));
	fuzz_take(&data, &size, &extra, sizeof(extra));
	valid = extra.type == 1 && extra.u.gso.size &&
		extra.u.gso.size != 0xffff && !extra.u.gso.features &&
		((extra.u.gso.type == 1 && features & 1 << 3) ||
		 (extra.u.gso.type == 2 && features & 1 << 4));
	fuzz_accept(noxs_vif_check_gso(&extra, features), valid);
	return 0;
}
