// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest puts into a tx ring: indices, and entries which may be packets.
 * Whatever they are, a packet that the backend takes for complete is within
 * its pages, its size and what was negotiated.
 */
#include "fuzz.h"

#include "../../netback-noxs/check.h"

/* Entries with requests that aren't answered are not used again. */
static void check_prod(const uint8_t **data, size_t *size)
{
	bool taken[256] = { false };
	uint32_t cons, rsp, prod;
	uint16_t unanswered, near;

	fuzz_take(data, size, &rsp, sizeof(rsp));
	fuzz_take(data, size, &unanswered, sizeof(unanswered));
	fuzz_take(data, size, &near, sizeof(near));
	fuzz_take(data, size, &prod, sizeof(prod));
	cons = rsp + unanswered % 257;
	if (near & 1)
		prod = cons + (near >> 1) % 512 - 128;
	fuzz_assert(fuzz_entries(rsp, cons, taken, 256));
	fuzz_assert(!netback_check_prod(prod, cons, rsp, 256) ==
		    fuzz_entries(cons, prod, taken, 256));
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

/* Whether entries without extra info are taken as one packet, which ends there. */
static bool is_taken(const union netback_tx_entry *entries, unsigned int nr)
{
	struct netback_packet pkt = { 0 };
	unsigned int i;

	for (i = 0; i < nr; i++) {
		fuzz_assert(!pkt.complete);
		if (netback_packet_add(&pkt, &entries[i], NOXS_VIF_F_SG))
			return false;
	}
	fuzz_assert(pkt.complete);
	check_packet(&pkt, entries, nr, NOXS_VIF_F_SG);
	return true;
}

/* A packet in parts of pages is taken, and not if its parts are more than it. */
static void check_right(const uint8_t **data, size_t *size)
{
	union netback_tx_entry entries[18] = { 0 };
	uint16_t at[18], len[18], by;
	unsigned int i, nr, total = 0;

	fuzz_take(data, size, &by, sizeof(by));
	fuzz_take(data, size, at, sizeof(at));
	fuzz_take(data, size, len, sizeof(len));
	nr = by % 18 + 1;
	for (i = 0; i < nr; i++) {
		entries[i].req.offset = at[i] % 4096;
		entries[i].req.size = len[i] % (4097 - at[i] % 4096);
		if (i + 1 < nr)
			entries[i].req.flags = XEN_NETTXF_more_data;
		total += entries[i].req.size;
	}
	if (total > 65535)
		return;
	total -= entries[0].req.size;
	entries[0].req.size += total;
	fuzz_assert(is_taken(entries, nr));
	if (!total)
		return;
	entries[0].req.size = (by >> 5) % total;
	fuzz_assert(!is_taken(entries, nr));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	union netback_tx_entry entries[32];
	struct netback_packet pkt = { 0 };
	unsigned int nr = 0;
	uint32_t features;
	int err = 0;

	check_prod(&data, &size);
	if (size & 1) {
		check_right(&data, &size);
		return 0;
	}
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
