// SPDX-License-Identifier: GPL-2.0
/* noxs-core/check.c: which halves of control pages are taken for one. */
#include "harness.h"

#include "../../noxs-core/check.h"

/**
 * struct end - a type's one end
 * @type: NOXS_TYPE_*
 * @backend: which end
 * @min: octets of the shortest payload
 * @size: octets of the payload, as known here
 * @head: of that, what precedes the queues, if there are any
 * @min_head: the least of it
 * @queue: octets of each queue
 * @min_queue: the least of it
 * @nr_at: where the number of queues is
 * @lengths_at: where the lengths of head and queue are
 */
struct end {
	u16 type;
	bool backend;
	size_t min;
	size_t size;
	size_t head;
	size_t min_head;
	size_t queue;
	size_t min_queue;
	size_t nr_at;
	size_t lengths_at;
};

static const struct end ends[] = {
	{ 1, true, 16, 1112, 0, 0, 0, 0, 0, 0 },
	{ 1, false, 8, 32, 0, 0, 0, 0, 0, 0 },
	{ 2, true, 16, 32, 0, 0, 0, 0, 0, 0 },
	{ 2, false, 8, 376 + 64 * 24, 376, 8, 24, 16, 0, 4 },
	{ 3, true, 48, 64, 0, 0, 0, 0, 0, 0 },
	{ 3, false, 16, 24 + 32 * 40, 24, 16, 40, 16, 4, 12 },
};

static void put16(u8 *at, unsigned int value)
{
	at[0] = value & 0xff;
	at[1] = value >> 8;
}

static void make(struct noxs_half *half, const struct end *end)
{
	*half = (struct noxs_half) {
		.hdr = {
			.version = 2,
			.type = end->type,
			.state = 4,
			.features = 0x15,
			.epoch = 1,
			.seq = 8,
			.size = 32,
			.payload_size = end->size,
			.minor = 7,
		},
	};
	if (end->queue) {
		put16(half->payload + end->lengths_at, end->head);
		put16(half->payload + end->lengths_at + 2, end->queue);
	}
}

static int check(struct noxs_half *half, const struct end *end)
{
	return noxs_half_check(half, end->type, end->backend);
}

static const struct poke pokes[] = {
	POKE(noxs_half, hdr.version, 0, -EPROTONOSUPPORT),
	POKE(noxs_half, hdr.version, 1, -EPROTONOSUPPORT),
	POKE(noxs_half, hdr.version, 3, -EPROTONOSUPPORT),
	POKE(noxs_half, hdr.version, 0x0102, -EPROTONOSUPPORT),
	POKE(noxs_half, hdr.version, 0xffff, -EPROTONOSUPPORT),
	POKE(noxs_half, hdr.type, 0, -EINVAL),
	POKE(noxs_half, hdr.type, 4, -EINVAL),
	POKE(noxs_half, hdr.type, 0x0102, -EINVAL),
	POKE(noxs_half, hdr.type, 0xffff, -EINVAL),
	POKE(noxs_half, hdr.features, 0, 0),
	POKE(noxs_half, hdr.features, 0xffffffff, 0),
	POKE(noxs_half, hdr.epoch, 0, -EINVAL),
	POKE(noxs_half, hdr.epoch, 0xffffffff, 0),
	POKE(noxs_half, hdr.seq, 0, 0),
	POKE(noxs_half, hdr.seq, 1, -EINVAL),
	POKE(noxs_half, hdr.seq, 0xfffffffe, 0),
	POKE(noxs_half, hdr.seq, 0xffffffff, -EINVAL),
	POKE(noxs_half, hdr.error, 1, 0),
	POKE(noxs_half, hdr.error, 4095, 0),
	POKE(noxs_half, hdr.error, 4096, -EINVAL),
	POKE(noxs_half, hdr.error, 0xffffffff, -EINVAL),
	POKE(noxs_half, hdr.size, 0, -EINVAL),
	POKE(noxs_half, hdr.size, 24, -EINVAL),
	POKE(noxs_half, hdr.size, 33, -EINVAL),
	POKE(noxs_half, hdr.size, 36, -EINVAL),
	POKE(noxs_half, hdr.size, 2048, -EINVAL),
	POKE(noxs_half, hdr.size, 0xfff8, -EINVAL),
	POKE(noxs_half, hdr.payload_size, 0, -EINVAL),
	POKE(noxs_half, hdr.payload_size, 2024, -EINVAL),
	POKE(noxs_half, hdr.payload_size, 0xffe0, -EINVAL),
	POKE(noxs_half, hdr.payload_size, 0xffff, -EINVAL),
	POKE(noxs_half, hdr.minor, 1, 0),
	POKE(noxs_half, hdr.minor, 0xffff, 0),
	POKE(noxs_half, hdr.pad, 1, -EINVAL),
	POKE(noxs_half, hdr.pad, 0x8000, -EINVAL),
};

/* A header's rules are those of every type and of both ends. */
static void test_poke(void **state)
{
	const struct poke *p = *state;
	struct noxs_half half;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		make(&half, &ends[i]);
		poke(p, &half);
		assert_int_equal(check(&half, &ends[i]), p->want);
	}
}

static void test_valid(void **state)
{
	struct noxs_half half, want;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		make(&half, &ends[i]);
		make(&want, &ends[i]);
		assert_int_equal(check(&half, &ends[i]), 0);
		assert_memory_equal(&half, &want, sizeof(half));
	}
}

/* What this kernel writes is what it reads. */
static void test_describe(void **state)
{
	struct noxs_half half, want;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		make(&want, &ends[i]);
		want.hdr.minor = 0;
		memset(&half, 0, sizeof(half));
		half.hdr.state = 4;
		half.hdr.features = 0x15;
		half.hdr.epoch = 1;
		half.hdr.seq = 8;
		noxs_half_describe(&half, ends[i].type, ends[i].backend);
		assert_memory_equal(&half, &want, sizeof(half));
	}
}

static void test_type_is_the_devices(void **state)
{
	struct noxs_half half;
	unsigned int i, known;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		for (known = 0; known <= 5; known++) {
			make(&half, &ends[i]);
			assert_int_equal(noxs_half_check(&half, known,
							 ends[i].backend),
					 known == ends[i].type ? 0 : -EINVAL);
		}
		make(&half, &ends[i]);
		half.hdr.type = 4;
		assert_int_equal(noxs_half_check(&half, 4, ends[i].backend),
				 -EINVAL);
		half.hdr.type = 0xffff;
		assert_int_equal(noxs_half_check(&half, 0xffff,
						 ends[i].backend), -EINVAL);
	}
}

/* Unknown, Initialising, Connected, Closing, Closed; InitWait of a backend. */
static bool may_be_in(u32 state, bool backend)
{
	return state == 0 || state == 1 || (state == 2 && backend) ||
	       (state >= 4 && state <= 6);
}

static void test_states(void **state)
{
	static const u32 more[] = { 0x104, 0x10004, 0x80000004, 0xffffffff };
	struct noxs_half half;
	unsigned int n, i;
	u32 value;

	(void)state;
	for (n = 0; n < 256 + ARRAY_SIZE(more); n++) {
		value = n < 256 ? n : more[n - 256];
		for (i = 0; i < ARRAY_SIZE(ends); i++) {
			bool want = may_be_in(value, ends[i].backend);

			assert_int_equal(noxs_state_is_valid(value,
							     ends[i].backend),
					 want);
			make(&half, &ends[i]);
			half.hdr.state = value;
			assert_int_equal(check(&half, &ends[i]),
					 want ? 0 : -EINVAL);
		}
	}
}

/*
 * Lay out a half of so many queues as a writer does whose lengths are others;
 * what is known of it has the same octets as @known, the rest is noise.
 */
static void as_another(u8 *half, const struct noxs_half *known,
		       const struct end *end, size_t hdr, size_t head,
		       size_t queue, unsigned int nr)
{
	size_t known_head = end->queue ? end->head : end->size;
	const u8 *payload = known->payload;
	u8 *at = half + hdr;
	unsigned int i;

	memset(half, 0, 2048);
	memset(half, 0xff, hdr + head + nr * queue);
	memcpy(half, &known->hdr, 32);
	put16(half + 24, hdr);
	put16(half + 26, head + nr * queue);
	memcpy(at, payload, head < known_head ? head : known_head);
	for (i = 0; i < nr; i++)
		memcpy(at + head + i * queue,
		       payload + known_head + i * end->queue,
		       queue < end->queue ? queue : end->queue);
	if (end->queue) {
		put16(at + end->lengths_at, head);
		put16(at + end->lengths_at + 2, queue);
	}
}

/* A valid half whose payload has something in each octet. */
static void make_full(struct noxs_half *half, const struct end *end,
		      unsigned int nr)
{
	size_t size = end->queue ? end->head + nr * end->queue : end->size;
	size_t i;

	make(half, end);
	for (i = 0; i < size; i++)
		half->payload[i] = 1 + i % 251;
	if (end->queue) {
		memset(half->payload + end->nr_at, 0, 4);
		half->payload[end->nr_at] = nr;
		put16(half->payload + end->lengths_at, end->head);
		put16(half->payload + end->lengths_at + 2, end->queue);
	}
}

/* Forget what a writer with shorter structures doesn't say. */
static void shorten(struct noxs_half *half, const struct end *end, size_t head,
		    size_t queue, unsigned int nr)
{
	size_t known_head = end->queue ? end->head : end->size;
	unsigned int i;

	if (head < known_head)
		memset(half->payload + head, 0, known_head - head);
	for (i = 0; i < nr && queue < end->queue; i++)
		memset(half->payload + known_head + i * end->queue + queue, 0,
		       end->queue - queue);
}

/* Longer is cut off, shorter reads as zero, and too short is refused. */
static void check_lengths(const struct end *end, size_t hdr, size_t head,
			  size_t queue, unsigned int nr)
{
	size_t least = end->queue ? end->min_head : end->min;
	struct noxs_half half, want;
	bool valid;

	make_full(&want, end, nr);
	as_another((u8 *)&half, &want, end, hdr, head, queue, nr);
	valid = hdr >= 32 && !(hdr % 8) && head >= least && !(head % 8) &&
		queue >= end->min_queue && !(queue % 8);
	assert_int_equal(check(&half, end), valid ? 0 : -EINVAL);
	if (!valid)
		return;
	shorten(&want, end, head, queue, nr);
	assert_memory_equal(&half, &want, sizeof(half));
}

static void test_every_length(void **state)
{
	size_t hdr, head, queue;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		const struct end *end = &ends[i];

		for (hdr = 32; hdr <= 48; hdr += 4) {
			for (head = end->lengths_at + 4; head <= 1200; head += 4) {
				if (!end->queue) {
					check_lengths(end, hdr, head, 0, 0);
					continue;
				}
				for (queue = 4; queue <= 56; queue += 4) {
					check_lengths(end, hdr, head, queue, 1);
					check_lengths(end, hdr, head, queue, 7);
				}
			}
		}
	}
}

/* As long as a half has place for. */
static void test_up_to_the_end(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		const struct end *end = &ends[i];

		if (!end->queue) {
			check_lengths(end, 32, 2016, 0, 0);
			check_lengths(end, 2048 - end->min, end->min, 0, 0);
			continue;
		}
		check_lengths(end, 32, 2016 - 7 * 16, 16, 7);
		check_lengths(end, 32, 16, 1000, 2);
		check_lengths(end, 2048 - 32, 16, 16, 1);
		check_lengths(end, 40, 8 + end->min_head, 24,
			      end->type == 2 ? 64 : 32);
	}
}

/* Queues that aren't where they are said to be. */
static void test_queues(void **state)
{
	struct noxs_half half;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		const struct end *end = &ends[i];
		unsigned int max = end->type == 2 ? 64 : 32;
		u8 *lengths = half.payload + end->lengths_at;
		u8 *nr = half.payload + end->nr_at;

		if (!end->queue)
			continue;
		make_full(&half, end, max);
		assert_int_equal(check(&half, end), 0);
		make_full(&half, end, max);
		*nr = max + 1;
		assert_int_equal(check(&half, end), -EINVAL);
		make_full(&half, end, max);
		nr[3] = 0x80;
		assert_int_equal(check(&half, end), -EINVAL);
		/* Less than the array says is no array, but octets that are left. */
		make_full(&half, end, max);
		*nr = max - 1;
		assert_int_equal(check(&half, end), -EINVAL);
		make_full(&half, end, max);
		put16(lengths, end->head + 8);
		assert_int_equal(check(&half, end), -EINVAL);
		make_full(&half, end, max);
		put16(lengths, 0xfff8);
		assert_int_equal(check(&half, end), -EINVAL);
		make_full(&half, end, max);
		put16(lengths + 2, 0xfff8);
		assert_int_equal(check(&half, end), -EINVAL);
		make_full(&half, end, 1);
		half.payload[end->head + end->queue] = 1;
		assert_int_equal(check(&half, end), -EINVAL);
		/* None at all is their driver's to refuse. */
		make(&half, end);
		assert_int_equal(check(&half, end), 0);
	}
}

/* What no length covers is zero; the payload is its driver's to check. */
static void test_each_byte_of_each_half(void **state)
{
	struct noxs_half half;
	unsigned int i;
	size_t at, used;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		const struct end *end = &ends[i];

		used = end->queue ? end->head : end->size;
		for (at = end->queue ? end->lengths_at + 4 : 0; at < 2016;
		     at++) {
			make(&half, end);
			half.payload[at] = 0x80;
			assert_int_equal(check(&half, end),
					 at < used ? 0 : -EINVAL);
		}
	}
}

static void test_blank_half(void **state)
{
	struct noxs_half half;

	(void)state;
	memset(&half, 0, sizeof(half));
	assert_int_equal(noxs_half_check(&half, 2, true), -EPROTONOSUPPORT);
	memset(&half, 0xff, sizeof(half));
	assert_int_equal(noxs_half_check(&half, 2, true), -EPROTONOSUPPORT);
}

static u32 without(u32 mask, u32 bit, u32 needs)
{
	return (mask & needs) == needs ? mask : mask & ~bit;
}

/* Bits by number, as xen/interface/io/noxs.h has them and netif.h explains. */
static void test_features_of_a_vif(void **state)
{
	u32 mask, want;

	(void)state;
	for (mask = 0; mask < 256; mask++) {
		want = without(mask, 1 << 3, 1 << 0 | 1 << 1);
		want = without(want, 1 << 4, 1 << 0 | 1 << 2);
		want &= 0x7f;
		assert_int_equal(noxs_features_usable(2, mask), want);
		assert_int_equal(noxs_features_usable(2, mask | 0xffffff00),
				 want);
	}
}

static void test_features_of_a_vbd(void **state)
{
	u32 mask, want;

	(void)state;
	for (mask = 0; mask < 256; mask++) {
		want = without(mask, 1 << 3, 1 << 2) & 0x7f;
		assert_int_equal(noxs_features_usable(3, mask), want);
		assert_int_equal(noxs_features_usable(3, mask | 0xffffff00),
				 want);
	}
}

static void test_features_of_sysctl(void **state)
{
	u32 mask;

	(void)state;
	for (mask = 0; mask < 256; mask++) {
		assert_int_equal(noxs_features_usable(1, mask), mask & 0x1e);
		assert_int_equal(noxs_features_usable(1, mask | 0xffffff00),
				 (mask & 0x1e) | NOXS_SYSCTL_F_MEMORY |
				 NOXS_SYSCTL_F_VCPUS);
	}
}

static void test_features_of_no_type(void **state)
{
	(void)state;
	assert_int_equal(noxs_features_usable(0, 0xffffffff), 0);
	assert_int_equal(noxs_features_usable(4, 0xffffffff), 0);
	assert_int_equal(noxs_features_usable(0xffff, 0xffffffff), 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_valid),
	cmocka_unit_test(test_type_is_the_devices),
	cmocka_unit_test(test_states),
	cmocka_unit_test(test_describe),
	cmocka_unit_test(test_every_length),
	cmocka_unit_test(test_up_to_the_end),
	cmocka_unit_test(test_queues),
	cmocka_unit_test(test_each_byte_of_each_half),
	cmocka_unit_test(test_blank_half),
	cmocka_unit_test(test_features_of_a_vif),
	cmocka_unit_test(test_features_of_a_vbd),
	cmocka_unit_test(test_features_of_sysctl),
	cmocka_unit_test(test_features_of_no_type),
};

int main(void)
{
	return run_group("half", tests, ARRAY_SIZE(tests), pokes,
			 ARRAY_SIZE(pokes), test_poke);
}
