// SPDX-License-Identifier: GPL-2.0
/*
 * The pages, octet by octet, written down from the tables in
 * xen/interface/io/noxs.h, and the numbers that go into them and into ioctls.
 */
#include "harness.h"

#include <xen/io/xenbus.h>
#include <uapi/xen/noxs.h>
#include <xen/interface/io/noxs.h>

/* Lines of 16 octets, without those that are all zero. */
static char *dump(const void *page, size_t size)
{
	static const uint8_t zero[16];
	const uint8_t *octets = page;
	char *text, *at;
	size_t i, j;

	text = malloc(size * 4 + 1);
	assert_non_null(text);
	at = text;
	*at = '\0';
	for (i = 0; i < size; i += 16) {
		if (!memcmp(octets + i, zero, 16))
			continue;
		at += sprintf(at, "%03zx:", i);
		for (j = 0; j < 16; j++)
			at += sprintf(at, "%s%02x", j % 4 ? "" : " ",
				      octets[i + j]);
		at += sprintf(at, "\n");
	}
	return text;
}

static void assert_dump(const void *page, size_t size, const char *want)
{
	char *is = dump(page, size);

	assert_string_equal(is, want);
	free(is);
}

static void test_devpage(void **state)
{
	static struct noxs_devpage page = {
		.hdr = {
			.magic = NOXS_DEVPAGE_MAGIC,
			.version = NOXS_ABI_VERSION,
			.nr_slots = NOXS_DEVPAGE_SLOTS,
			.seq = 0x11121314,
			.evtchn = 0x21222324,
			.size = 0x3132,
			.slot_size = 0x4142,
			.minor = 0x5152,
		},
		.slot = {
			[0] = {
				.type = NOXS_TYPE_VIF,
				.backend = 0x3132,
				.id = 0x41424344,
				.gref = 0x51525354,
				.evtchn = 0x61626364,
				.generation = 0x71727374,
				.flags = NOXS_SLOT_SHARED_EVTCHN,
			},
			[126] = {
				.type = NOXS_TYPE_VBD,
				.generation = 0x81828384,
			},
		},
	};

	(void)state;
	assert_dump(&page, 4096,
		    "000: 4e4f5853 02007f00 14131211 24232221\n"
		    "010: 32314241 52510000 00000000 00000000\n"
		    "020: 02003231 44434241 54535251 64636261\n"
		    "030: 74737271 01000000 00000000 00000000\n"
		    "fe0: 03000000 00000000 00000000 00000000\n"
		    "ff0: 84838281 00000000 00000000 00000000\n");
}

static void test_vif_page(void **state)
{
	static struct noxs_ctrlpage page = {
		.backend = {
			.hdr = {
				.version = NOXS_ABI_VERSION,
				.type = NOXS_TYPE_VIF,
				.state = NOXS_STATE_INIT_WAIT,
				.features = NOXS_VIF_F_ALL,
				.epoch = 0x11121314,
				.seq = 0x21222324,
				.error = 0x31323334,
				.size = 0x4142,
				.payload_size = 0x5152,
				.minor = 0x6162,
			},
			.vif_backend = {
				.mac = { 0x00, 0x16, 0x3e, 0x41, 0x42, 0x43 },
				.mtu = 0x51525354,
				.max_queues = 0x61626364,
				.max_buffers = 0x71727374,
				.max_multicast = 0x81828384,
				.hash_types = 0x91929394,
				.max_hash_map = 0xa1a2a3a4,
			},
		},
		.frontend = {
			.hdr = {
				.version = NOXS_ABI_VERSION,
				.type = NOXS_TYPE_VIF,
				.state = NOXS_STATE_CONNECTED,
				.features = NOXS_VIF_F_SG |
					    NOXS_VIF_F_SPLIT_EVTCHN,
			},
			.vif_frontend = {
				.nr_queues = 0x71727374,
				.queue_offset = 0x8182,
				.queue_size = 0x9192,
				.hash_types = 0xa1a2a3a4,
				.nr_hash_map = 0xb1b2,
				.nr_multicast = 0xc1c2,
				.hash_key = { [0] = 1, [39] = 2 },
				.hash_map = { [0] = 3, [127] = 4 },
				.multicast = { [0] = { 5 }, [31] = { 6, 7, 8,
								     9, 10, 11 } },
				.queue = {
					[0] = { 0x81828384, 0x91929394,
						0xa1a2a3a4, 0xb1b2b3b4,
						0xc1c2c3c4, 0xd1d2d3d4 },
					[63] = { .rx_buffers = 0xe1e2e3e4 },
				},
			},
		},
	};

	(void)state;
	assert_dump(&page, 4096,
		    "000: 02000200 02000000 7f000000 14131211\n"
		    "010: 24232221 34333231 42415251 62610000\n"
		    "020: 00163e41 42430000 54535251 64636261\n"
		    "030: 74737271 84838281 94939291 a4a3a2a1\n"
		    "800: 02000200 04000000 21000000 00000000\n"
		    "820: 74737271 82819291 a4a3a2a1 b2b1c2c1\n"
		    "830: 01000000 00000000 00000000 00000000\n"
		    "850: 00000000 00000002 03000000 00000000\n"
		    "8d0: 00000000 00000004 05000000 00000000\n"
		    "990: 00000607 08090a0b 84838281 94939291\n"
		    "9a0: a4a3a2a1 b4b3b2b1 c4c3c2c1 d4d3d2d1\n"
		    "f90: 00000000 e4e3e2e1 00000000 00000000\n");
}

static void test_vbd_page(void **state)
{
	static struct noxs_ctrlpage page = {
		.backend = {
			.hdr.type = NOXS_TYPE_VBD,
			.hdr.features = NOXS_VBD_F_ALL,
			.vbd_backend = {
				.sectors = 0x0102030405060708,
				.sector_size = 0x11121314,
				.physical_sector_size = 0x21222324,
				.info = NOXS_VBD_INFO_ALL,
				.max_queues = 0x31323334,
				.max_ring_pages = 0x41424344,
				.max_segments = 0x51525354,
				.discard_granularity = 0x61626364,
				.discard_alignment = 0x71727374,
				.max_discard_sectors = 0x81828384,
				.max_buffers = 0x91929394,
				.vdev = "xvda1",
			},
		},
		.frontend = {
			.hdr.type = NOXS_TYPE_VBD,
			.vbd_frontend = {
				.protocol = NOXS_VBD_PROTOCOL_X86_32,
				.nr_queues = 0x11121314,
				.nr_ring_pages = 0x21222324,
				.queue_offset = 0x3132,
				.queue_size = 0x4142,
				.openers = 0x51525354,
				.queue = {
					[0] = { .evtchn = 0x31323334,
						.buffers = 0x71727374,
						.gref = { 0x41424344,
							  0x51525354 } },
					[31] = { .gref = { [7] = 0x61626364 } },
				},
			},
		},
	};

	(void)state;
	assert_dump(&page, 4096,
		    "000: 00000300 00000000 7f000000 00000000\n"
		    "020: 08070605 04030201 14131211 24232221\n"
		    "030: 07000000 34333231 44434241 54535251\n"
		    "040: 64636261 74737271 84838281 94939291\n"
		    "050: 78766461 31000000 00000000 00000000\n"
		    "800: 00000300 00000000 00000000 00000000\n"
		    "820: 02000000 14131211 24232221 32314241\n"
		    "830: 54535251 00000000 34333231 74737271\n"
		    "840: 44434241 54535251 00000000 00000000\n"
		    "d30: 00000000 64636261 00000000 00000000\n");
}

static void test_sysctl_page(void **state)
{
	static struct noxs_ctrlpage page = {
		.backend = {
			.hdr.type = NOXS_TYPE_SYSCTL,
			.hdr.features = NOXS_SYSCTL_F_ALL,
			.sysctl_backend = {
				.request = NOXS_SYSCTL_SYSRQ,
				.argument = 's',
				.request_seq = 0x11121314,
				.memory_target = 0x2122232425262728,
				.generation_id = { [0] = 1, [15] = 2 },
				.seed = { [0] = 3, [31] = 4 },
				.arguments_size = 0x31323334,
				.arguments = { [0] = 'a', [1023] = 'z' },
				.vcpus = 0x51525354,
			},
		},
		.frontend = {
			.hdr.type = NOXS_TYPE_SYSCTL,
			.sysctl_frontend = {
				.answer_seq = 0x11121314,
				.result = 0x21222324,
				.memory = 0x3132333435363738,
				.ready = 0x41424344,
				.vcpus = 0x51525354,
			},
		},
	};

	(void)state;
	assert_dump(&page, 4096,
		    "000: 00000100 00000000 1e000500 00000000\n"
		    "020: 04000000 73000000 14131211 00000000\n"
		    "030: 28272625 24232221 01000000 00000000\n"
		    "040: 00000000 00000002 03000000 00000000\n"
		    "060: 00000000 00000004 34333231 00000000\n"
		    "070: 61000000 00000000 00000000 00000000\n"
		    "460: 00000000 00000000 00000000 0000007a\n"
		    "470: 54535251 00000000 00000000 00000000\n"
		    "800: 00000100 00000000 00000000 00000000\n"
		    "820: 14131211 24232221 38373635 34333231\n"
		    "830: 44434241 00000000 54535251 00000000\n");
}

static void test_states_are_those_of_xenbus(void **state)
{
	(void)state;
	assert_int_equal(NOXS_STATE_UNKNOWN, XenbusStateUnknown);
	assert_int_equal(NOXS_STATE_INITIALISING, XenbusStateInitialising);
	assert_int_equal(NOXS_STATE_INIT_WAIT, XenbusStateInitWait);
	assert_int_equal(NOXS_STATE_INITIALISED, XenbusStateInitialised);
	assert_int_equal(NOXS_STATE_CONNECTED, XenbusStateConnected);
	assert_int_equal(NOXS_STATE_CLOSING, XenbusStateClosing);
	assert_int_equal(NOXS_STATE_CLOSED, XenbusStateClosed);
}

static void test_numbers(void **state)
{
	(void)state;
	assert_int_equal(NOXS_ABI_VERSION, 2);
	assert_int_equal(NOXS_ABI_MINOR, 0);
	assert_int_equal(NOXS_DEVPAGE_HEADER_MIN, 24);
	assert_int_equal(NOXS_SLOT_MIN, 24);
	assert_int_equal(NOXS_HALF_HEADER_MIN, 32);
	assert_int_equal(NOXS_VIF_BACKEND_MIN, 16);
	assert_int_equal(NOXS_VIF_FRONTEND_MIN, 8);
	assert_int_equal(NOXS_VIF_QUEUE_MIN, 16);
	assert_int_equal(NOXS_VBD_BACKEND_MIN, 48);
	assert_int_equal(NOXS_VBD_FRONTEND_MIN, 16);
	assert_int_equal(NOXS_VBD_QUEUE_MIN, 16);
	assert_int_equal(NOXS_SYSCTL_BACKEND_MIN, 16);
	assert_int_equal(NOXS_SYSCTL_FRONTEND_MIN, 8);
	assert_int_equal(NOXS_BUFFERS_HEADER_MIN, 16);
	assert_int_equal(NOXS_BUFFER_MIN, 8);
	assert_int_equal(NOXS_SLOT_SHARED_EVTCHN, 1);
	assert_memory_equal(NOXS_HANDLE_MAGIC, "NOXS", 4);
	assert_int_equal(NOXS_TYPE_NONE, 0);
	assert_int_equal(NOXS_TYPE_SYSCTL, 1);
	assert_int_equal(NOXS_TYPE_VIF, 2);
	assert_int_equal(NOXS_TYPE_VBD, 3);
	assert_int_equal(NOXS_VIF_F_SG, 1);
	assert_int_equal(NOXS_VIF_F_CSUM_V4, 2);
	assert_int_equal(NOXS_VIF_F_CSUM_V6, 4);
	assert_int_equal(NOXS_VIF_F_TSO_V4, 8);
	assert_int_equal(NOXS_VIF_F_TSO_V6, 16);
	assert_int_equal(NOXS_VIF_F_SPLIT_EVTCHN, 32);
	assert_int_equal(NOXS_VIF_F_BUFFERS, 64);
	assert_int_equal(NOXS_VIF_F_MULTICAST, 128);
	assert_int_equal(NOXS_VIF_F_HASH, 256);
	assert_int_equal(NOXS_VIF_F_ALL, 127);
	assert_int_equal(NOXS_VBD_F_FLUSH, 1);
	assert_int_equal(NOXS_VBD_F_BARRIER, 2);
	assert_int_equal(NOXS_VBD_F_DISCARD, 4);
	assert_int_equal(NOXS_VBD_F_SECURE_ERASE, 8);
	assert_int_equal(NOXS_VBD_F_INDIRECT, 16);
	assert_int_equal(NOXS_VBD_F_PERSISTENT, 32);
	assert_int_equal(NOXS_VBD_F_OPENERS, 64);
	assert_int_equal(NOXS_VBD_F_BUFFERS, 128);
	assert_int_equal(NOXS_VBD_F_ALL, 127);
	assert_int_equal(NOXS_VBD_INFO_CDROM, 1);
	assert_int_equal(NOXS_VBD_INFO_REMOVABLE, 2);
	assert_int_equal(NOXS_VBD_INFO_READONLY, 4);
	assert_int_equal(NOXS_VBD_PROTOCOL_64, 1);
	assert_int_equal(NOXS_VBD_PROTOCOL_X86_32, 2);
	assert_int_equal(NOXS_SYSCTL_NONE, 0);
	assert_int_equal(NOXS_SYSCTL_POWEROFF, 1);
	assert_int_equal(NOXS_SYSCTL_REBOOT, 2);
	assert_int_equal(NOXS_SYSCTL_SUSPEND, 3);
	assert_int_equal(NOXS_SYSCTL_SYSRQ, 4);
	assert_int_equal(NOXS_SYSCTL_F_ALL, 0x5001e);
	assert_int_equal(NOXS_SYSCTL_F_MEMORY, 0x10000);
	assert_true(NOXS_SYSCTL_MEMORY_MAX == 0x40000000000);
	assert_int_equal(NOXS_SYSCTL_F_CLAIM, 0x20000);
	assert_int_equal(NOXS_SYSCTL_F_VCPUS, 0x40000);
	assert_int_equal(NOXS_SYSCTL_VCPUS_MAX, 8192);
}

/* Direction (1 to the kernel, 2 from it), size, 'x', number. */
static void test_ioctls(void **state)
{
	(void)state;
	assert_int_equal(NOXS_IOC_DOM_ADD, 0xc0187800);
	assert_int_equal(NOXS_IOC_DOM_DEL, 0x40187801);
	assert_int_equal(NOXS_IOC_DOM_LIST, 0xc0187802);
	assert_int_equal(NOXS_IOC_DEV_ADD, 0x40407810);
	assert_int_equal(NOXS_IOC_DEV_DEL, 0x40107811);
	assert_int_equal(NOXS_IOC_DEV_INFO, 0xc0587812);
	assert_int_equal(NOXS_IOC_DEV_LIST, 0xc0187813);
	assert_int_equal(NOXS_DEV_DEL_FORCE, 1);
	assert_int_equal(NOXS_VBD_READONLY, 1);
	assert_int_equal(NOXS_VBD_CDROM, 2);
	assert_int_equal(NOXS_VBD_REMOVABLE, 4);
	assert_int_equal(NOXS_VBD_NO_DISCARD, 8);
	assert_int_equal(NOXS_EVENT_LOST, 0);
	assert_int_equal(NOXS_EVENT_DEV_ADD, 1);
	assert_int_equal(NOXS_EVENT_DEV_DEL, 2);
	assert_int_equal(NOXS_EVENT_STATE, 3);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_devpage),
	cmocka_unit_test(test_vif_page),
	cmocka_unit_test(test_vbd_page),
	cmocka_unit_test(test_sysctl_page),
	cmocka_unit_test(test_states_are_those_of_xenbus),
	cmocka_unit_test(test_numbers),
	cmocka_unit_test(test_ioctls),
};

int main(void)
{
	return run_group("golden", tests, ARRAY_SIZE(tests), NULL, 0, NULL);
}
