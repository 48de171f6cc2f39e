/* SPDX-License-Identifier: GPL-2.0 */
/* What is read from the frontend is valid, or it isn't used: see check.c. */
#ifndef _NETBACK_CHECK_H
#define _NETBACK_CHECK_H

#include <linux/types.h>
#include <xen/interface/io/netif.h>
#include <xen/interface/io/noxs.h>

/**
 * union netback_tx_entry - one entry of a tx ring, copied out of it
 * @req: a slot with data
 * @extra: what may follow the first slot of a packet
 */
union netback_tx_entry {
	struct xen_netif_tx_request req;
	struct xen_netif_extra_info extra;
};

/**
 * struct netback_packet - a packet of the guest, put together from the entries
 * that netback_packet_add() was given; all zero to begin with
 * @nr_slots: slots with data
 * @nr_entries: entries of the ring, @nr_slots and an extra if @has_extra
 * @size: of the whole packet, in octets
 * @flags: XEN_NETTXF_* of the first slot
 * @gso_type: XEN_NETIF_GSO_TYPE_*
 * @gso_size: largest payload of a segment; 0 if @gso_type is none
 * @has_extra: the second entry was an extra
 * @extra_next: the next entry is an extra
 * @complete: there is no next entry, and what follows holds
 * @slot: each within a page; their sizes add up to @size
 */
struct netback_packet {
	unsigned int nr_slots;
	unsigned int nr_entries;
	u16 size;
	u16 flags;
	u16 gso_size;
	u8 gso_type;
	bool has_extra;
	bool extra_next;
	bool complete;
	struct xen_netif_tx_request slot[XEN_NETIF_NR_SLOTS_MIN];
};

/* Most buffers in a list, which is what Linux' frontend has of them. */
#define NETBACK_MAX_BUFFERS	8U

/**
 * struct netback_list - the buffers that stay granted, of a queue
 * @nr: how many
 * @gref: their references, all different
 */
struct netback_list {
	unsigned int nr;
	u32 gref[NETBACK_MAX_BUFFERS];
};

int netback_check_frontend(const struct noxs_vif_frontend *fe, u32 features,
			   u32 max_queues);
int netback_check_buffers(const u8 *page, struct netback_list *list, u32 *next);
int netback_check_prod(RING_IDX prod, RING_IDX cons, RING_IDX rsp,
		       unsigned int size);
int netback_packet_add(struct netback_packet *pkt,
		       const union netback_tx_entry *entry, u32 features);
unsigned int netback_packet_weight(const struct netback_packet *pkt);

#endif /* _NETBACK_CHECK_H */
