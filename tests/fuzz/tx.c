// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest puts into a tx ring: indices, and entries which may be packets.
 * Whatever they are, a packet that the backend takes for complete is within
 * its pages, its size and what was negotiated.
 */
#include "fuzz.h"

#include "../../netback-noxs/check.h"

static void check_prod(const uint8_t **data, size_t *size)
{
	uint64_t unanswered, claimed;
	uint32_t index[3];

	fuzz_take(data, size, index, sizeof(index));
	/* cons is at most 256 beyond rsp */
	index[1] = index[2] + index[1] % 257;
	unanswered = index[1] - index[2];
	claimed = (uint32_t)(index[0] - index[1]);
	fuzz_assert(!netback_check_prod(index[0], index[1], index[2], 256) ==
		    (unanswered + claimed <= 256));
}

static void check_packet(const struct netback_packet *pkt,
			 const union netback_tx_entry *entries, unsigned int nr,
			 uint32_t features)
{
	bool extra = entries[0].req.flags & XEN_NETTXF_extra_info;
	unsigned int i, n, total = 0;

	fuzz_assert(pkt->nr_slots >= 1 && pkt->nr_slots <= 18);
	fuzz_assert(pkt->nr_entries == nr);
	fuzz_assert(pkt->has_extra == extra);
	fuzz_assert(nr == pkt->nr_slots + extra);
	fuzz_assert(pkt->nr_slots == 1 || features & NOXS_VIF_F_SG);
	fuzz_assert(pkt->size == entries[0].req.size);
	fuzz_assert(pkt->flags == entries[0].req.flags);

	for (i = 0; i < pkt->nr_slots; i++) {
		const struct xen_netif_tx_request *slot = &pkt->slot[i];

		fuzz_assert(slot->offset + slot->size <= 4096);
		total += slot->size;
		n = i && extra ? i + 1 : i;
		fuzz_assert(slot->gref == entries[n].req.gref);
		fuzz_assert(slot->offset == entries[n].req.offset);
		fuzz_assert(slot->id == entries[n].req.id);
		fuzz_assert(!i || slot->size == entries[n].req.size);
		fuzz_assert(!(slot->flags & XEN_NETTXF_more_data) ==
			    (i == pkt->nr_slots - 1));
		fuzz_assert(!i || !(slot->flags & XEN_NETTXF_extra_info));
	}
	fuzz_assert(total == pkt->size);

	if (!extra) {
		fuzz_assert(!pkt->gso_size && !pkt->gso_type);
		return;
	}
	fuzz_assert(entries[1].extra.type == XEN_NETIF_EXTRA_TYPE_GSO);
	fuzz_assert(!entries[1].extra.flags);
	fuzz_assert(pkt->gso_size && pkt->gso_size != 0xffff);
	fuzz_assert(pkt->gso_size == entries[1].extra.u.gso.size);
	fuzz_assert(pkt->gso_type == entries[1].extra.u.gso.type);
	fuzz_assert(pkt->gso_type == 1 || pkt->gso_type == 2);
	fuzz_assert(features & (pkt->gso_type == 1 ? NOXS_VIF_F_TSO_V4 :
				NOXS_VIF_F_TSO_V6));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	union netback_tx_entry entries[32];
	struct netback_packet pkt = { 0 };
	unsigned int nr = 0;
	uint32_t features;
	int err = 0;

	check_prod(&data, &size);
	fuzz_take(&data, &size, &features, sizeof(features));
	while (size && !err && !pkt.complete) {
		fuzz_assert(nr < 19);
		fuzz_take(&data, &size, &entries[nr], sizeof(entries[nr]));
		err = netback_packet_add(&pkt, &entries[nr], features);
		nr++;
	}
	fuzz_assert(err <= 0);
	fuzz_assert(!err || !pkt.complete);
	if (!pkt.complete) {
		fuzz_refused++;
		return 0;
	}
	check_packet(&pkt, entries, nr, features);
	fuzz_accepted++;
	return 0;
}
