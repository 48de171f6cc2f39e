/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the fuzzers share. Most make what is right in as many ways as there are,
 * which has to be accepted, break one rule of it, which has to be noticed, and look
 * whether whatever else is accepted can be used. Where rules are about octets, there
 * is a second opinion instead, put together from the documentation and not from the
 * code.
 */
#ifndef _NOXS_TESTS_FUZZ_H
#define _NOXS_TESTS_FUZZ_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static unsigned long fuzz_accepted, fuzz_refused;

/* tests/fuzz/run wants to see some of both. */
static void fuzz_report(void)
{
	fprintf(stderr, "accepted %lu refused %lu\n", fuzz_accepted,
		fuzz_refused);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	atexit(fuzz_report);
	return 0;
}

/**
 * fuzz_assert() - end the fuzzer if something doesn't hold
 * @holds: what should
 */
#define fuzz_assert(holds) do { \
	if (!(holds)) { \
		fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, \
			#holds); \
		abort(); \
	} \
} while (0)

/**
 * fuzz_count() - count a verdict
 * @err: 0 or negative errno, from the code under test
 */
static inline void fuzz_count(int err)
{
	fuzz_assert(err <= 0);
	if (err)
		fuzz_refused++;
	else
		fuzz_accepted++;
}

/**
 * fuzz_accept() - compare a verdict with the oracle's
 * @err: 0 or negative errno, from the code under test
 * @valid: the oracle's opinion
 */
static inline void fuzz_accept(int err, bool valid)
{
	fuzz_count(err);
	fuzz_assert(!err == valid);
}

/**
 * fuzz_line() - whether a text is one printable line
 * @line: the text
 * @room: size of what it is in
 */
static inline void fuzz_line(const char *line, size_t room)
{
	size_t i, len = strnlen(line, room);

	fuzz_assert(len && len < room);
	for (i = 0; i < len; i++)
		fuzz_assert((unsigned char)line[i] >= ' ' && line[i] != 0x7f);
}

/**
 * fuzz_take() - take bytes off the input
 * @data: the input
 * @size: what is left of it
 * @to: gets the bytes, and zeros for those that there aren't
 * @len: how many
 */
static inline void fuzz_take(const uint8_t **data, size_t *size, void *to,
			     size_t len)
{
	size_t have = len < *size ? len : *size;

	memset(to, 0, len);
	memcpy(to, *data, have);
	*data += have;
	*size -= have;
}

/**
 * fuzz_patch() - change a valid structure as the input says
 * @data: the input: changes of an offset of 2 octets, one of length, the rest
 * @size: of the input
 * @to: the structure
 * @len: its size
 *
 * Bytes at random are never a page: nearly all of it has to be zero. This finds
 * the ones that nearly are.
 */
static inline void fuzz_patch(const uint8_t *data, size_t size, void *to,
			      size_t len)
{
	while (size) {
		uint16_t offset;
		uint8_t bytes[8], n;

		fuzz_take(&data, &size, &offset, sizeof(offset));
		fuzz_take(&data, &size, &n, sizeof(n));
		n = n % sizeof(bytes) + 1;
		fuzz_take(&data, &size, bytes, n);
		offset %= len;
		if (n > len - offset)
			n = len - offset;
		memcpy((uint8_t *)to + offset, bytes, n);
	}
}

/**
 * fuzz_entries() - use entries of a ring
 * @from: index of the first one
 * @to: of the one after the last
 * @taken: those in use
 * @ring: how many there are
 *
 * Return: false if one of them is in use
 */
static inline bool fuzz_entries(uint32_t from, uint32_t to, bool *taken,
				unsigned int ring)
{
	for (; from != to; from++) {
		if (taken[from % ring])
			return false;
		taken[from % ring] = true;
	}
	return true;
}

/* Little-endian integers, and whether octets are zero, of a page. */
static inline uint32_t u16_at(const void *page, size_t at)
{
	const uint8_t *b = page;

	return b[at] + 256U * b[at + 1];
}

static inline uint32_t u32_at(const void *page, size_t at)
{
	return u16_at(page, at) + 65536U * u16_at(page, at + 2);
}

static inline bool zero_at(const void *page, size_t from, size_t to)
{
	const uint8_t *b = page;

	for (; from < to; from++)
		if (b[from])
			return false;
	return true;
}

#endif /* _NOXS_TESTS_FUZZ_H */
