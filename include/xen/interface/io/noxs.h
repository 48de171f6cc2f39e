/* SPDX-License-Identifier: MIT */
/*
 * noxs: the ABI between a host and its guests.
 *
 * How a frontend and a backend find each other and agree, without XenStore.
 *
 * A guest that has noxs devices has one *device page*. The host owns it, the
 * guest maps it read-only. It lists the guest's devices. Where it is, a guest
 * learns from a provider; on stock Xen that is the domain's handle, which
 * Xen returns for XENVER_guest_handle (see "Handle" below).
 *
 * Each device has one *control page*. The backend owns it and grants it to the
 * frontend. It has two halves of 2 KiB; the backend writes the first, the
 * frontend the second, and neither ever writes the other's. Its event channel
 * means "look again", no more.
 *
 * A host makes a device with the backend's half already filled and its state
 * InitWait, then puts it into a slot of the device page. The frontend maps the
 * control page, reads the backend's half, makes its rings and event channels,
 * fills its own half and sets its state to Connected. The backend does the
 * same, and I/O starts: one round trip. The rings carry the standard netif and
 * blkif protocols of xen/interface/io/netif.h and blkif.h.
 *
 * Rules for all that is shared:
 *  - integers are fixed-width and little-endian, naturally aligned;
 *  - every byte has one writer;
 *  - every structure carries its length, see "Growing" below;
 *  - features are masks: what one end offers AND what the other accepts;
 *  - grant references and event channel ports that a half names belong to the
 *    domain that writes that half.
 *
 * To publish, a writer fills its half, then stores its state with release
 * semantics and sends the event. A reader loads the state with acquire
 * semantics, then copies the half, once, and trusts nothing but its copy.
 */
#ifndef __XEN_PUBLIC_IO_NOXS_H__
#define __XEN_PUBLIC_IO_NOXS_H__

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>
#else
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#endif

#define NOXS_ABI_VERSION	2
#define NOXS_ABI_MINOR		0
#define NOXS_PAGE_SIZE		4096

/*
 * Growing
 * =======
 * Structures grow at their ends, and the two ends of a device may differ in age.
 * Every structure carries its length, as its writer knows it: what comes next
 * begins there. Lengths are multiples of 8.
 *
 * A reader takes of each structure what it knows: what is longer is ignored,
 * what is shorter reads as zero. None is shorter than its minimum, NOXS_*_MIN,
 * nor longer than its page or half has place for.
 *
 * Within what a reader knows, every octet is of one of these kinds:
 *  - a field, which the reader checks;
 *  - a field that belongs to a feature, or is marked "not yet": ignored by who
 *    doesn't have the feature, or the use for it;
 *  - "pad": zero, and a reader refuses anything else;
 *  - "room": for fields to come; zero, and ignored.
 *
 * Writers write zero into what they don't use, and into all that no length
 * covers; there, too, a reader refuses anything else.
 *
 * NOXS_ABI_VERSION changes only when old fields change their meaning: ends of
 * different versions have nothing to say to each other. NOXS_ABI_MINOR counts
 * what was added since. It is for people to read: what to do follows from
 * lengths and features alone.
 *
 * "Not yet" is what is laid out and has no user so far: nobody offers such a
 * feature, and nobody accepts it.
 */

/*
 * States. The values and their meaning are those of enum xenbus_state.
 *
 *           backend                            frontend
 *   Initialising: being made          Initialising: waits for InitWait
 *   InitWait: half filled, waits      Connected: half filled, rings up
 *   Connected: rings mapped, I/O      Closing: (not used)
 *   Closing: asks the frontend to go  Closed: stopped; rings are not used
 *   Closed: no backend, or an error
 *
 * Initialised, Reconfiguring and Reconfigured are not used and are refused.
 */
#define NOXS_STATE_UNKNOWN	0
#define NOXS_STATE_INITIALISING	1
#define NOXS_STATE_INIT_WAIT	2
#define NOXS_STATE_INITIALISED	3
#define NOXS_STATE_CONNECTED	4
#define NOXS_STATE_CLOSING	5
#define NOXS_STATE_CLOSED	6

/* Device types; 0 marks a free slot. */
#define NOXS_TYPE_NONE		0
#define NOXS_TYPE_SYSCTL	1
#define NOXS_TYPE_VIF		2
#define NOXS_TYPE_VBD		3
#define NOXS_TYPE_MAX		3

/* Numbers of devices go from 0 to this. */
#define NOXS_MAX_DEV_ID		0xffffU

/*
 * Handle
 * ======
 * Where the device page is, in the 16 bytes of a domain's handle, which are a
 * UUID of version 8 (RFC 9562, section 5.8). Octets, in the order in which Xen
 * keeps them:
 *
 *      0        1        2        3        octet
 * +--------+--------+--------+--------+
 * |  'N'   |  'O'   |  'X'   |  'S'   |  0
 * +--------+--------+--------+--------+
 * |      owner      | 8, ABI | random |  4
 * +--------+--------+--------+--------+
 * |10,rand.| random |  gref           |  8
 * +--------+--------+--------+--------+
 * |       gref      |     random      | 12
 * +--------+--------+--------+--------+
 *
 * owner: domid of the page's owner, uint16_t
 * octet 6: UUID version 8 in the upper four bits, NOXS_ABI_VERSION below
 * octet 8: UUID variant 0b10 in the upper two bits, random below
 * gref: grant reference of the page in the owner's table, uint32_t, octet 10
 */
#define NOXS_HANDLE_SIZE	16
#define NOXS_HANDLE_MAGIC	"NOXS"
#define NOXS_HANDLE_OWNER	4
#define NOXS_HANDLE_VERSION	6
#define NOXS_HANDLE_VARIANT	8
#define NOXS_HANDLE_GREF	10
#define NOXS_HANDLE_UUID_V8	0x80
#define NOXS_HANDLE_UUID_VARIANT 0x80

/*
 * Device page
 * ===========
 * Writer: the host. The guest maps it read-only.
 *
 *      0        1        2        3        octet
 * +--------+--------+--------+--------+
 * |               magic               |  0
 * +--------+--------+--------+--------+
 * |     version     |    nr_slots     |  4
 * +--------+--------+--------+--------+
 * |                seq                |  8
 * +--------+--------+--------+--------+
 * |              evtchn               | 12
 * +--------+--------+--------+--------+
 * |      size       |    slot_size    | 16
 * +--------+--------+--------+--------+
 * |      minor      |       pad       | 20
 * +--------+--------+--------+--------+
 * |               room                | 24 to 31
 * +--------+--------+--------+--------+
 * |   slot[0] to slot[nr_slots - 1]   | size
 * +--------+--------+--------+--------+
 *
 * seq counts changes and is odd while the host writes. A reader copies the
 * page between two equal even values of seq, or tries again, a bounded number
 * of times. After each change the host notifies through evtchn.
 */
#define NOXS_DEVPAGE_MAGIC	0x53584f4eU	/* "NOXS" */
#define NOXS_DEVPAGE_SLOTS	127
#define NOXS_DEVPAGE_HEADER_MIN	24
#define NOXS_SLOT_MIN		24

/**
 * struct noxs_devpage_header - head of the device page
 * @magic: NOXS_DEVPAGE_MAGIC
 * @version: NOXS_ABI_VERSION
 * @nr_slots: slots that follow, 1 to NOXS_DEVPAGE_SLOTS; never changes
 * @seq: odd while the host writes the page
 * @evtchn: the owner's port, unbound, for the guest to bind: "page changed".
 *	0: the provider that led to the page has its own way of saying so. A
 *	page that a handle leads to names a port.
 * @size: octets of this header; the slots begin there
 * @slot_size: octets of each slot
 * @minor: NOXS_ABI_MINOR of the host
 * @pad: zero
 * @room: for fields to come
 */
struct noxs_devpage_header {
	uint32_t magic;
	uint16_t version;
	uint16_t nr_slots;
	uint32_t seq;
	uint32_t evtchn;
	uint16_t size;
	uint16_t slot_size;
	uint16_t minor;
	uint16_t pad;
	uint32_t room[2];
};

/*
 * What a guest has to know to use a slot. It leaves one alone whose type, or
 * any of whose flags, it doesn't know; the other slots are as good as before.
 *
 * SHARED_EVTCHN, not yet: evtchn is 0; what the two ends of this device have to
 * tell each other they say by the device page's own port.
 */
#define NOXS_SLOT_SHARED_EVTCHN	(1U << 0)

/**
 * struct noxs_slot - one device of the guest
 * @type: NOXS_TYPE_*; NOXS_TYPE_NONE is a free slot, all of whose bytes are 0
 * @backend: domid of the backend; today's hosts know none but themselves
 * @id: number of the device, unique among the guest's devices of this type
 * @gref: the control page, in the backend's grant table
 * @evtchn: the backend's port, unbound, for the guest to bind
 * @generation: never 0, and never twice the same for one domain: tells a
 *	re-used slot from the device that was there before
 * @flags: NOXS_SLOT_*
 * @room: for fields to come
 */
struct noxs_slot {
	uint16_t type;
	uint16_t backend;
	uint32_t id;
	uint32_t gref;
	uint32_t evtchn;
	uint32_t generation;
	uint32_t flags;
	uint32_t room[2];
};

/**
 * struct noxs_devpage - the device page, as its writer knows it
 * @hdr: head
 * @slot: the devices
 */
struct noxs_devpage {
	struct noxs_devpage_header hdr;
	struct noxs_slot slot[NOXS_DEVPAGE_SLOTS];
};

/*
 * Control page
 * ============
 * Two halves, struct noxs_half: octet 0 is the backend's, octet 2048 the
 * frontend's. A half is a header and the payload of its type.
 *
 *      0        1        2        3        octet
 * +--------+--------+--------+--------+
 * |     version     |      type       |  0
 * +--------+--------+--------+--------+
 * |               state               |  4
 * +--------+--------+--------+--------+
 * |             features              |  8
 * +--------+--------+--------+--------+
 * |               epoch               | 12
 * +--------+--------+--------+--------+
 * |                seq                | 16
 * +--------+--------+--------+--------+
 * |               error               | 20
 * +--------+--------+--------+--------+
 * |      size       |  payload_size   | 24
 * +--------+--------+--------+--------+
 * |      minor      |       pad       | 28
 * +--------+--------+--------+--------+
 * |              payload              | size
 * +--------+--------+--------+--------+
 *
 * epoch numbers the connections of the device. The backend takes a new one
 * each time it enters InitWait; the frontend repeats the one that it answers.
 * So neither mistakes what is left of an old connection for a new one, however
 * many states it missed.
 */
#define NOXS_HALF_SIZE		2048
#define NOXS_HALF_HEADER_SIZE	32
#define NOXS_HALF_HEADER_MIN	32
#define NOXS_PAYLOAD_SIZE	(NOXS_HALF_SIZE - NOXS_HALF_HEADER_SIZE)

/**
 * struct noxs_half_header - head of each half of a control page
 * @version: NOXS_ABI_VERSION
 * @type: NOXS_TYPE_* of the device
 * @state: NOXS_STATE_* of the writer
 * @features: backend: what it offers; frontend: what it accepts of that. The
 *	bits are the type's. Fixed from InitWait, or Connected, on.
 * @epoch: number of the connection, never 0; the frontend repeats the
 *	backend's, and has 0 until it connects
 * @seq: counts changes of features, epoch and payload; odd while the writer
 *	changes them. A restarted writer goes on from the number it finds.
 * @error: why the writer closed the device: an errno of Linux, or 0
 * @size: octets of this header; the payload begins there
 * @payload_size: octets of the payload
 * @minor: NOXS_ABI_MINOR of the writer
 * @pad: zero
 */
struct noxs_half_header {
	uint16_t version;
	uint16_t type;
	uint32_t state;
	uint32_t features;
	uint32_t epoch;
	uint32_t seq;
	uint32_t error;
	uint16_t size;
	uint16_t payload_size;
	uint16_t minor;
	uint16_t pad;
};

/*
 * Frontends with queues
 * ---------------------
 * The payload of a vif's or a vbd's frontend ends with its queues. They begin at
 * octet queue_offset of the payload, which is the length of what precedes them,
 * and each has queue_size octets. Nothing follows them but zero.
 *
 * Buffers that stay granted
 * -------------------------
 * With NOXS_VIF_F_BUFFERS, or NOXS_VBD_F_BUFFERS, which is not yet, a queue names
 * pages of the frontend that stay granted while it is connected, and that the
 * backend may keep mapped: it names the first page of a list of their references,
 * or 0. A page of the list begins with struct noxs_buffers_header and goes on with
 * struct noxs_buffer, of which it has one at least. A list doesn't change while the
 * device is connected, and the backend copies it once, at any time. No reference
 * occurs twice in a list. Requests name buffers by their references, as any other
 * page: that they stay granted changes nothing for a backend that has no use for it.
 */
#define NOXS_BUFFERS_HEADER_MIN	16
#define NOXS_BUFFER_MIN		8
#define NOXS_BUFFER_F_READONLY	(1U << 0) /* the backend may only read it */

/**
 * struct noxs_buffers_header - head of each page of a list of buffers
 * @size: octets of this header; the entries begin there
 * @entry_size: octets of each entry
 * @nr: entries of this page
 * @next: reference of the list's next page; 0 in the last one
 * @pad: zero
 */
struct noxs_buffers_header {
	uint16_t size;
	uint16_t entry_size;
	uint32_t nr;
	uint32_t next;
	uint32_t pad;
};

/**
 * struct noxs_buffer - one page that stays granted
 * @gref: its reference
 * @flags: NOXS_BUFFER_F_*
 */
struct noxs_buffer {
	uint32_t gref;
	uint32_t flags;
};

/*
 * vif
 * ---
 * The netif protocol, receive by copy, one page for each ring. Requests and
 * responses are those of netif.h; these take the place of its XenStore keys.
 * Both ends honour req_event and rsp_event of each ring (feature-rx-notify).
 * An end that accepted a feature both produces and consumes it.
 */
#define NOXS_VIF_F_SG		(1U << 0) /* packets of several slots */
#define NOXS_VIF_F_CSUM_V4	(1U << 1) /* TCP and UDP checksum left blank */
#define NOXS_VIF_F_CSUM_V6	(1U << 2)
#define NOXS_VIF_F_TSO_V4	(1U << 3) /* needs SG and CSUM_V4 */
#define NOXS_VIF_F_TSO_V6	(1U << 4) /* needs SG and CSUM_V6 */
#define NOXS_VIF_F_SPLIT_EVTCHN	(1U << 5) /* a port for each ring */
#define NOXS_VIF_F_BUFFERS	(1U << 6) /* buffers that stay granted */
#define NOXS_VIF_F_ALL		((1U << 7) - 1)
/* Not yet. */
#define NOXS_VIF_F_MULTICAST	(1U << 7) /* only the groups that are named */
#define NOXS_VIF_F_HASH		(1U << 8) /* Toeplitz hash chooses the queue */

#define NOXS_VIF_MAX_QUEUES	64
#define NOXS_VIF_MIN_MTU	68
#define NOXS_VIF_MAX_MTU	65535
#define NOXS_VIF_MAX_MTU_NO_SG	1500
#define NOXS_VIF_HASH_KEY	40
#define NOXS_VIF_HASH_MAP	128
#define NOXS_VIF_MULTICAST	32

#define NOXS_VIF_BACKEND_MIN	16
#define NOXS_VIF_FRONTEND_MIN	8
#define NOXS_VIF_QUEUE_MIN	16

/**
 * struct noxs_vif_backend - what a network backend publishes
 * @mac: the guest's address, unicast and not zero
 * @pad: zero
 * @mtu: in octets, without the Ethernet header, NOXS_VIF_MIN_MTU to
 *	NOXS_VIF_MAX_MTU. Both ends use at most NOXS_VIF_MAX_MTU_NO_SG while
 *	NOXS_VIF_F_SG isn't accepted. May change while connected. A frontend
 *	sends at most 65521: netif.h counts a packet's octets, Ethernet header
 *	included, in 16 bits.
 * @max_queues: 1 to NOXS_VIF_MAX_QUEUES
 * @max_buffers: NOXS_VIF_F_BUFFERS: most buffers of each list
 * @max_multicast: NOXS_VIF_F_MULTICAST: most groups, up to NOXS_VIF_MULTICAST
 * @hash_types: NOXS_VIF_F_HASH: XEN_NETIF_CTRL_HASH_TYPE_* of netif.h
 * @max_hash_map: NOXS_VIF_F_HASH: most entries, up to NOXS_VIF_HASH_MAP
 */
struct noxs_vif_backend {
	uint8_t  mac[6];
	uint8_t  pad[2];
	uint32_t mtu;
	uint32_t max_queues;
	uint32_t max_buffers;
	uint32_t max_multicast;
	uint32_t hash_types;
	uint32_t max_hash_map;
};

/**
 * struct noxs_vif_queue - one queue of a vif
 * @tx_gref: page of the ring for what the guest sends
 * @rx_gref: page of the ring for what the guest receives
 * @tx_evtchn: the frontend's unbound port for the tx ring
 * @rx_evtchn: the same for the rx ring; equals @tx_evtchn if and only if
 *	NOXS_VIF_F_SPLIT_EVTCHN isn't accepted
 * @tx_buffers: NOXS_VIF_F_BUFFERS: list of what the guest sends from
 * @rx_buffers: NOXS_VIF_F_BUFFERS: list of what the guest receives into
 */
struct noxs_vif_queue {
	uint32_t tx_gref;
	uint32_t rx_gref;
	uint32_t tx_evtchn;
	uint32_t rx_evtchn;
	uint32_t tx_buffers;
	uint32_t rx_buffers;
};

/**
 * struct noxs_vif_frontend - what a network frontend publishes
 * @nr_queues: 1 to the backend's max_queues
 * @queue_offset: octets of what precedes the queues
 * @queue_size: octets of each queue
 * @hash_types: NOXS_VIF_F_HASH: those that are wanted of the backend's
 * @nr_hash_map: NOXS_VIF_F_HASH: entries of @hash_map, a power of two
 * @nr_multicast: NOXS_VIF_F_MULTICAST: groups that are named; 0xffff: all of
 *	them are wanted
 * @hash_key: NOXS_VIF_F_HASH: Toeplitz key
 * @hash_map: NOXS_VIF_F_HASH: queue for each hash, modulo @nr_hash_map
 * @multicast: NOXS_VIF_F_MULTICAST: addresses; may change while connected
 * @queue: the first @nr_queues are used, the others are zero; no reference
 *	and no port occurs in two places
 */
struct noxs_vif_frontend {
	uint32_t nr_queues;
	uint16_t queue_offset;
	uint16_t queue_size;
	uint32_t hash_types;
	uint16_t nr_hash_map;
	uint16_t nr_multicast;
	uint8_t  hash_key[NOXS_VIF_HASH_KEY];
	uint8_t  hash_map[NOXS_VIF_HASH_MAP];
	uint8_t  multicast[NOXS_VIF_MULTICAST][6];
	struct noxs_vif_queue queue[NOXS_VIF_MAX_QUEUES];
};

/*
 * vbd
 * ---
 * The blkif protocol. Requests and responses are those of blkif.h; these take
 * the place of its XenStore keys. Sector numbers and counts are in units of
 * 512 octets, in requests too, whatever the sector sizes.
 *
 * The number of a disk says which one it is to the guest: 0 is xvda, 1 is xvdb, and
 * so on, xvdaa after xvdz. From NOXS_VBD_PARTITION on, a disk is a partition of
 * another one of which the guest has nothing else: NOXS_VBD_PARTITIONS numbers for
 * those of xvda, of which the first is for none and the second is xvda1, then as
 * many for those of xvdb, and so on. Who has a disk has no partition of it besides.
 */
#define NOXS_VBD_PARTITION	0x8000U
#define NOXS_VBD_PARTITIONS	64U

#define NOXS_VBD_F_FLUSH	(1U << 0) /* BLKIF_OP_FLUSH_DISKCACHE */
#define NOXS_VBD_F_BARRIER	(1U << 1) /* BLKIF_OP_WRITE_BARRIER, see below */
#define NOXS_VBD_F_DISCARD	(1U << 2) /* BLKIF_OP_DISCARD */
#define NOXS_VBD_F_SECURE_ERASE	(1U << 3) /* BLKIF_DISCARD_SECURE */
#define NOXS_VBD_F_INDIRECT	(1U << 4) /* BLKIF_OP_INDIRECT */
#define NOXS_VBD_F_PERSISTENT	(1U << 5) /* grants stay mapped */
#define NOXS_VBD_F_OPENERS	(1U << 6) /* the frontend counts who has it open */
#define NOXS_VBD_F_ALL		((1U << 7) - 1)
/* Not yet. */
#define NOXS_VBD_F_BUFFERS	(1U << 7) /* buffers that stay granted */

/*
 * Requests are done in any order. BLKIF_OP_FLUSH_DISKCACHE makes all writes
 * durable that were answered before it was sent. BLKIF_OP_WRITE_BARRIER is a
 * write that is durable itself when it is answered ("force unit access"): unlike
 * what blkif.h says it neither waits for other requests, nor do they for it, nor
 * does it make them durable. One without segments is BLKIF_OP_FLUSH_DISKCACHE. A
 * backend offers both, if there is writing, whether its device has a cache or
 * not, as that may change.
 */

#define NOXS_VBD_INFO_CDROM	(1U << 0)
#define NOXS_VBD_INFO_REMOVABLE	(1U << 1)
#define NOXS_VBD_INFO_READONLY	(1U << 2)
#define NOXS_VBD_INFO_ALL	((1U << 3) - 1)

/* Layout of requests and responses in the rings: see blkif.h. */
#define NOXS_VBD_PROTOCOL_64	1	/* x86_64, and every other 64-bit ABI */
#define NOXS_VBD_PROTOCOL_X86_32 2

#define NOXS_VBD_MAX_QUEUES	32
#define NOXS_VBD_MAX_RING_PAGES	8
#define NOXS_VBD_MAX_SEGMENTS	4096
#define NOXS_VBD_VDEV		16

#define NOXS_VBD_BACKEND_MIN	48
#define NOXS_VBD_FRONTEND_MIN	16
#define NOXS_VBD_QUEUE_MIN	16

/**
 * struct noxs_vbd_backend - what a block backend publishes
 * @sectors: size of the disk in sectors of 512 octets; may change while
 *	connected, within one change of the header's seq
 * @sector_size: logical block size in octets, a power of two, 512 to 4096
 * @physical_sector_size: in octets, a power of two, not below @sector_size
 * @info: NOXS_VBD_INFO_*
 * @max_queues: 1 to NOXS_VBD_MAX_QUEUES
 * @max_ring_pages: 1 to NOXS_VBD_MAX_RING_PAGES, a power of two
 * @max_segments: most segments of an indirect request; 0 without
 *	NOXS_VBD_F_INDIRECT, else BLKIF_MAX_SEGMENTS_PER_REQUEST to
 *	NOXS_VBD_MAX_SEGMENTS
 * @discard_granularity: in octets; 0 without NOXS_VBD_F_DISCARD
 * @discard_alignment: in octets
 * @max_discard_sectors: most sectors of a discard; 0 without
 *	NOXS_VBD_F_DISCARD
 * @max_buffers: NOXS_VBD_F_BUFFERS: most buffers of each list
 * @vdev: not yet: what the disk is called in the guest's configuration, "xvda1"
 *	for example, in printable ASCII and padded with zeros; zero: nothing
 */
struct noxs_vbd_backend {
	uint64_t sectors;
	uint32_t sector_size;
	uint32_t physical_sector_size;
	uint32_t info;
	uint32_t max_queues;
	uint32_t max_ring_pages;
	uint32_t max_segments;
	uint32_t discard_granularity;
	uint32_t discard_alignment;
	uint32_t max_discard_sectors;
	uint32_t max_buffers;
	char     vdev[NOXS_VBD_VDEV];
};

/**
 * struct noxs_vbd_queue - one queue of a vbd
 * @evtchn: the frontend's unbound port
 * @buffers: NOXS_VBD_F_BUFFERS: list of what is read into and written from
 * @gref: pages of the ring; the first nr_ring_pages are used, the others zero
 */
struct noxs_vbd_queue {
	uint32_t evtchn;
	uint32_t buffers;
	uint32_t gref[NOXS_VBD_MAX_RING_PAGES];
};

/**
 * struct noxs_vbd_frontend - what a block frontend publishes
 * @protocol: NOXS_VBD_PROTOCOL_*
 * @nr_queues: 1 to the backend's max_queues
 * @nr_ring_pages: pages of each ring, a power of two, 1 to max_ring_pages
 * @queue_offset: octets of what precedes the queues
 * @queue_size: octets of each queue
 * @openers: NOXS_VBD_F_OPENERS: how often the disk is open in the guest. A
 *	frontend whose disk is open when its backend is Closing stays Connected,
 *	goes on with I/O, and closes when this number is 0; a backend that doesn't
 *	want to wait for that goes back to Connected. One that doesn't ask, but
 *	goes, is Closing with another epoch, or is gone. Each change is published,
 *	without an event: a backend that wants to know looks. Without the feature,
 *	a frontend closes at once.
 * @pad: zero
 * @queue: the first @nr_queues are used, the others are zero
 */
struct noxs_vbd_frontend {
	uint32_t protocol;
	uint32_t nr_queues;
	uint32_t nr_ring_pages;
	uint16_t queue_offset;
	uint16_t queue_size;
	uint32_t openers;
	uint32_t pad;
	struct noxs_vbd_queue queue[NOXS_VBD_MAX_QUEUES];
};

/*
 * sysctl
 * ------
 * Power control: one request at a time. The host writes a request and then a
 * new sequence number; the guest answers with that number and a result. The
 * header's features are 1U << NOXS_SYSCTL_*: what the host may ask for, and
 * what the guest's kernel can do; and those of what isn't a request.
 */
#define NOXS_SYSCTL_NONE	0
#define NOXS_SYSCTL_POWEROFF	1
#define NOXS_SYSCTL_REBOOT	2
#define NOXS_SYSCTL_SUSPEND	3
#define NOXS_SYSCTL_SYSRQ	4
#define NOXS_SYSCTL_F_MEMORY	(1U << 16) /* a target for the balloon */
#define NOXS_SYSCTL_F_VCPUS	(1U << 18) /* a number of virtual CPUs */
#define NOXS_SYSCTL_F_ALL \
	(0x1eU | NOXS_SYSCTL_F_MEMORY | NOXS_SYSCTL_F_VCPUS)
/* Not yet. */
#define NOXS_SYSCTL_F_CLAIM	(1U << 17) /* booted ahead, or restored */

/* Memory is in KiB, of whole pages, as Xen counts them: XENMEM_current_reservation. */
#define NOXS_SYSCTL_MEMORY_MAX	(1ULL << 42)
/* No domain has more: Xen's MAX_VIRT_CPUS. */
#define NOXS_SYSCTL_VCPUS_MAX	8192

#define NOXS_SYSCTL_SEED	32
#define NOXS_SYSCTL_ARGUMENTS	1024

#define NOXS_SYSCTL_BACKEND_MIN	16
#define NOXS_SYSCTL_FRONTEND_MIN 8

/**
 * struct noxs_sysctl_backend - what the host asks for
 * @request: NOXS_SYSCTL_*
 * @argument: NOXS_SYSCTL_SYSRQ: the key, an ASCII character; else 0
 * @request_seq: number of the request; 0 when there was none yet
 * @pad: zero
 * @memory_target: NOXS_SYSCTL_F_MEMORY: what the guest is to shrink or grow to,
 *	in KiB, at most NOXS_SYSCTL_MEMORY_MAX; 0: there is no target. It is no
 *	request, and changes while connected.
 * @generation_id: NOXS_SYSCTL_F_CLAIM: zero, until the guest is claimed or
 *	restored; another one each time that it is
 * @seed: NOXS_SYSCTL_F_CLAIM: random octets that come with each @generation_id
 * @arguments_size: NOXS_SYSCTL_F_CLAIM: octets of @arguments
 * @pad2: zero
 * @arguments: NOXS_SYSCTL_F_CLAIM: as a kernel's command line would have them,
 *	for a guest that is running already
 * @vcpus: NOXS_SYSCTL_F_VCPUS: how many of its virtual CPUs the guest is to have
 *	online, at most NOXS_SYSCTL_VCPUS_MAX; 0: that is up to it. It is no
 *	request, and changes while connected.
 * @room: for fields to come
 */
struct noxs_sysctl_backend {
	uint32_t request;
	uint32_t argument;
	uint32_t request_seq;
	uint32_t pad;
	uint64_t memory_target;
	uint8_t  generation_id[16];
	uint8_t  seed[NOXS_SYSCTL_SEED];
	uint32_t arguments_size;
	uint32_t pad2;
	char     arguments[NOXS_SYSCTL_ARGUMENTS];
	uint32_t vcpus;
	uint32_t room;
};

/**
 * struct noxs_sysctl_frontend - what the guest answers
 * @answer_seq: the request_seq that it answers
 * @result: 0, or the errno of Linux that says why not
 * @memory: NOXS_SYSCTL_F_MEMORY: what the guest had, in KiB, at most
 *	NOXS_SYSCTL_MEMORY_MAX, when it wrote this; a new target is answered by
 *	writing it again
 * @ready: NOXS_SYSCTL_F_CLAIM: 1 when the guest can be claimed, else 0
 * @pad: zero
 * @vcpus: NOXS_SYSCTL_F_VCPUS: how many virtual CPUs the guest had online, at most
 *	NOXS_SYSCTL_VCPUS_MAX, when it wrote this; it is written again when what was
 *	asked for is done, or can't be
 * @room: for fields to come
 */
struct noxs_sysctl_frontend {
	uint32_t answer_seq;
	uint32_t result;
	uint64_t memory;
	uint32_t ready;
	uint32_t pad;
	uint32_t vcpus;
	uint32_t room;
};

/**
 * struct noxs_half - one end's half of a control page, as its writer knows it
 * @hdr: head
 * @vif_backend: payload by type and side
 * @vif_frontend: likewise
 * @vbd_backend: likewise
 * @vbd_frontend: likewise
 * @sysctl_backend: likewise
 * @sysctl_frontend: likewise
 * @payload: all of the payload; what its type doesn't use is zero
 */
struct noxs_half {
	struct noxs_half_header hdr;
	union {
		struct noxs_vif_backend vif_backend;
		struct noxs_vif_frontend vif_frontend;
		struct noxs_vbd_backend vbd_backend;
		struct noxs_vbd_frontend vbd_frontend;
		struct noxs_sysctl_backend sysctl_backend;
		struct noxs_sysctl_frontend sysctl_frontend;
		uint8_t payload[NOXS_PAYLOAD_SIZE];
	};
};

/**
 * struct noxs_ctrlpage - the control page of one device
 * @backend: written by the backend
 * @frontend: written by the frontend
 */
struct noxs_ctrlpage {
	struct noxs_half backend;
	struct noxs_half frontend;
};

#define NOXS_ASSERT_SIZE(type, size) \
	static_assert(sizeof(struct type) == (size), #type " size")
#define NOXS_ASSERT_OFFSET(type, member, offset) \
	static_assert(offsetof(struct type, member) == (offset), \
		      #type "." #member " offset")

NOXS_ASSERT_SIZE(noxs_devpage_header, 32);
NOXS_ASSERT_OFFSET(noxs_devpage_header, magic, 0);
NOXS_ASSERT_OFFSET(noxs_devpage_header, version, 4);
NOXS_ASSERT_OFFSET(noxs_devpage_header, nr_slots, 6);
NOXS_ASSERT_OFFSET(noxs_devpage_header, seq, 8);
NOXS_ASSERT_OFFSET(noxs_devpage_header, evtchn, 12);
NOXS_ASSERT_OFFSET(noxs_devpage_header, size, 16);
NOXS_ASSERT_OFFSET(noxs_devpage_header, slot_size, 18);
NOXS_ASSERT_OFFSET(noxs_devpage_header, minor, 20);
NOXS_ASSERT_OFFSET(noxs_devpage_header, pad, 22);
NOXS_ASSERT_OFFSET(noxs_devpage_header, room, 24);

NOXS_ASSERT_SIZE(noxs_slot, 32);
NOXS_ASSERT_OFFSET(noxs_slot, type, 0);
NOXS_ASSERT_OFFSET(noxs_slot, backend, 2);
NOXS_ASSERT_OFFSET(noxs_slot, id, 4);
NOXS_ASSERT_OFFSET(noxs_slot, gref, 8);
NOXS_ASSERT_OFFSET(noxs_slot, evtchn, 12);
NOXS_ASSERT_OFFSET(noxs_slot, generation, 16);
NOXS_ASSERT_OFFSET(noxs_slot, flags, 20);
NOXS_ASSERT_OFFSET(noxs_slot, room, 24);

NOXS_ASSERT_SIZE(noxs_devpage, NOXS_PAGE_SIZE);
NOXS_ASSERT_OFFSET(noxs_devpage, hdr, 0);
NOXS_ASSERT_OFFSET(noxs_devpage, slot, 32);

NOXS_ASSERT_SIZE(noxs_half_header, NOXS_HALF_HEADER_SIZE);
NOXS_ASSERT_OFFSET(noxs_half_header, version, 0);
NOXS_ASSERT_OFFSET(noxs_half_header, type, 2);
NOXS_ASSERT_OFFSET(noxs_half_header, state, 4);
NOXS_ASSERT_OFFSET(noxs_half_header, features, 8);
NOXS_ASSERT_OFFSET(noxs_half_header, epoch, 12);
NOXS_ASSERT_OFFSET(noxs_half_header, seq, 16);
NOXS_ASSERT_OFFSET(noxs_half_header, error, 20);
NOXS_ASSERT_OFFSET(noxs_half_header, size, 24);
NOXS_ASSERT_OFFSET(noxs_half_header, payload_size, 26);
NOXS_ASSERT_OFFSET(noxs_half_header, minor, 28);
NOXS_ASSERT_OFFSET(noxs_half_header, pad, 30);

NOXS_ASSERT_SIZE(noxs_buffers_header, 16);
NOXS_ASSERT_OFFSET(noxs_buffers_header, size, 0);
NOXS_ASSERT_OFFSET(noxs_buffers_header, entry_size, 2);
NOXS_ASSERT_OFFSET(noxs_buffers_header, nr, 4);
NOXS_ASSERT_OFFSET(noxs_buffers_header, next, 8);
NOXS_ASSERT_OFFSET(noxs_buffers_header, pad, 12);

NOXS_ASSERT_SIZE(noxs_buffer, 8);
NOXS_ASSERT_OFFSET(noxs_buffer, gref, 0);
NOXS_ASSERT_OFFSET(noxs_buffer, flags, 4);

NOXS_ASSERT_SIZE(noxs_vif_backend, 32);
NOXS_ASSERT_OFFSET(noxs_vif_backend, mac, 0);
NOXS_ASSERT_OFFSET(noxs_vif_backend, pad, 6);
NOXS_ASSERT_OFFSET(noxs_vif_backend, mtu, 8);
NOXS_ASSERT_OFFSET(noxs_vif_backend, max_queues, 12);
NOXS_ASSERT_OFFSET(noxs_vif_backend, max_buffers, 16);
NOXS_ASSERT_OFFSET(noxs_vif_backend, max_multicast, 20);
NOXS_ASSERT_OFFSET(noxs_vif_backend, hash_types, 24);
NOXS_ASSERT_OFFSET(noxs_vif_backend, max_hash_map, 28);

NOXS_ASSERT_SIZE(noxs_vif_queue, 24);
NOXS_ASSERT_OFFSET(noxs_vif_queue, tx_gref, 0);
NOXS_ASSERT_OFFSET(noxs_vif_queue, rx_gref, 4);
NOXS_ASSERT_OFFSET(noxs_vif_queue, tx_evtchn, 8);
NOXS_ASSERT_OFFSET(noxs_vif_queue, rx_evtchn, 12);
NOXS_ASSERT_OFFSET(noxs_vif_queue, tx_buffers, 16);
NOXS_ASSERT_OFFSET(noxs_vif_queue, rx_buffers, 20);

NOXS_ASSERT_SIZE(noxs_vif_frontend, 376 + 24 * NOXS_VIF_MAX_QUEUES);
NOXS_ASSERT_OFFSET(noxs_vif_frontend, nr_queues, 0);
NOXS_ASSERT_OFFSET(noxs_vif_frontend, queue_offset, 4);
NOXS_ASSERT_OFFSET(noxs_vif_frontend, queue_size, 6);
NOXS_ASSERT_OFFSET(noxs_vif_frontend, hash_types, 8);
NOXS_ASSERT_OFFSET(noxs_vif_frontend, nr_hash_map, 12);
NOXS_ASSERT_OFFSET(noxs_vif_frontend, nr_multicast, 14);
NOXS_ASSERT_OFFSET(noxs_vif_frontend, hash_key, 16);
NOXS_ASSERT_OFFSET(noxs_vif_frontend, hash_map, 56);
NOXS_ASSERT_OFFSET(noxs_vif_frontend, multicast, 184);
NOXS_ASSERT_OFFSET(noxs_vif_frontend, queue, 376);

NOXS_ASSERT_SIZE(noxs_vbd_backend, 64);
NOXS_ASSERT_OFFSET(noxs_vbd_backend, sectors, 0);
NOXS_ASSERT_OFFSET(noxs_vbd_backend, sector_size, 8);
NOXS_ASSERT_OFFSET(noxs_vbd_backend, physical_sector_size, 12);
NOXS_ASSERT_OFFSET(noxs_vbd_backend, info, 16);
NOXS_ASSERT_OFFSET(noxs_vbd_backend, max_queues, 20);
NOXS_ASSERT_OFFSET(noxs_vbd_backend, max_ring_pages, 24);
NOXS_ASSERT_OFFSET(noxs_vbd_backend, max_segments, 28);
NOXS_ASSERT_OFFSET(noxs_vbd_backend, discard_granularity, 32);
NOXS_ASSERT_OFFSET(noxs_vbd_backend, discard_alignment, 36);
NOXS_ASSERT_OFFSET(noxs_vbd_backend, max_discard_sectors, 40);
NOXS_ASSERT_OFFSET(noxs_vbd_backend, max_buffers, 44);
NOXS_ASSERT_OFFSET(noxs_vbd_backend, vdev, 48);

NOXS_ASSERT_SIZE(noxs_vbd_queue, 40);
NOXS_ASSERT_OFFSET(noxs_vbd_queue, evtchn, 0);
NOXS_ASSERT_OFFSET(noxs_vbd_queue, buffers, 4);
NOXS_ASSERT_OFFSET(noxs_vbd_queue, gref, 8);

NOXS_ASSERT_SIZE(noxs_vbd_frontend, 24 + 40 * NOXS_VBD_MAX_QUEUES);
NOXS_ASSERT_OFFSET(noxs_vbd_frontend, protocol, 0);
NOXS_ASSERT_OFFSET(noxs_vbd_frontend, nr_queues, 4);
NOXS_ASSERT_OFFSET(noxs_vbd_frontend, nr_ring_pages, 8);
NOXS_ASSERT_OFFSET(noxs_vbd_frontend, queue_offset, 12);
NOXS_ASSERT_OFFSET(noxs_vbd_frontend, queue_size, 14);
NOXS_ASSERT_OFFSET(noxs_vbd_frontend, openers, 16);
NOXS_ASSERT_OFFSET(noxs_vbd_frontend, pad, 20);
NOXS_ASSERT_OFFSET(noxs_vbd_frontend, queue, 24);

NOXS_ASSERT_SIZE(noxs_sysctl_backend, 1112);
NOXS_ASSERT_OFFSET(noxs_sysctl_backend, request, 0);
NOXS_ASSERT_OFFSET(noxs_sysctl_backend, argument, 4);
NOXS_ASSERT_OFFSET(noxs_sysctl_backend, request_seq, 8);
NOXS_ASSERT_OFFSET(noxs_sysctl_backend, pad, 12);
NOXS_ASSERT_OFFSET(noxs_sysctl_backend, memory_target, 16);
NOXS_ASSERT_OFFSET(noxs_sysctl_backend, generation_id, 24);
NOXS_ASSERT_OFFSET(noxs_sysctl_backend, seed, 40);
NOXS_ASSERT_OFFSET(noxs_sysctl_backend, arguments_size, 72);
NOXS_ASSERT_OFFSET(noxs_sysctl_backend, pad2, 76);
NOXS_ASSERT_OFFSET(noxs_sysctl_backend, arguments, 80);
NOXS_ASSERT_OFFSET(noxs_sysctl_backend, vcpus, 1104);
NOXS_ASSERT_OFFSET(noxs_sysctl_backend, room, 1108);

NOXS_ASSERT_SIZE(noxs_sysctl_frontend, 32);
NOXS_ASSERT_OFFSET(noxs_sysctl_frontend, answer_seq, 0);
NOXS_ASSERT_OFFSET(noxs_sysctl_frontend, result, 4);
NOXS_ASSERT_OFFSET(noxs_sysctl_frontend, memory, 8);
NOXS_ASSERT_OFFSET(noxs_sysctl_frontend, ready, 16);
NOXS_ASSERT_OFFSET(noxs_sysctl_frontend, pad, 20);
NOXS_ASSERT_OFFSET(noxs_sysctl_frontend, vcpus, 24);
NOXS_ASSERT_OFFSET(noxs_sysctl_frontend, room, 28);

NOXS_ASSERT_SIZE(noxs_half, NOXS_HALF_SIZE);
NOXS_ASSERT_OFFSET(noxs_half, hdr, 0);
NOXS_ASSERT_OFFSET(noxs_half, vif_backend, NOXS_HALF_HEADER_SIZE);
NOXS_ASSERT_OFFSET(noxs_half, vif_frontend, NOXS_HALF_HEADER_SIZE);
NOXS_ASSERT_OFFSET(noxs_half, vbd_backend, NOXS_HALF_HEADER_SIZE);
NOXS_ASSERT_OFFSET(noxs_half, vbd_frontend, NOXS_HALF_HEADER_SIZE);
NOXS_ASSERT_OFFSET(noxs_half, sysctl_backend, NOXS_HALF_HEADER_SIZE);
NOXS_ASSERT_OFFSET(noxs_half, sysctl_frontend, NOXS_HALF_HEADER_SIZE);
NOXS_ASSERT_OFFSET(noxs_half, payload, NOXS_HALF_HEADER_SIZE);

NOXS_ASSERT_SIZE(noxs_ctrlpage, NOXS_PAGE_SIZE);
NOXS_ASSERT_OFFSET(noxs_ctrlpage, backend, 0);
NOXS_ASSERT_OFFSET(noxs_ctrlpage, frontend, NOXS_HALF_SIZE);

#undef NOXS_ASSERT_SIZE
#undef NOXS_ASSERT_OFFSET

#endif /* __XEN_PUBLIC_IO_NOXS_H__ */
