/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the unit tests share: cmocka, and tests made from a table, in each of
 * which one thing of an otherwise valid structure is changed.
 */
#ifndef _NOXS_TESTS_UNIT_HARNESS_H
#define _NOXS_TESTS_UNIT_HARNESS_H

/* In the order that cmocka.h asks for. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/**
 * struct poke - a test that writes one value into a valid structure
 * @name: of the test
 * @offset: where in the structure
 * @size: of what is written there
 * @value: what is written, little-endian
 * @want: what the function under test then returns
 */
struct poke {
	const char *name;
	size_t offset;
	size_t size;
	uint64_t value;
	int want;
};

/* A test that gives one member a value, whose name says so. */
#define POKE(type, member, value, want) \
	{ #type "." #member " = " #value, offsetof(struct type, member), \
	  sizeof(((struct type *)NULL)->member), (value), (want) }

/**
 * poke() - change a structure as a test wants it
 * @p: the test
 * @structure: a valid one
 */
static inline void poke(const struct poke *p, void *structure)
{
	memcpy((char *)structure + p->offset, &p->value, p->size);
}

/**
 * run_group() - run a table of tests and a table of pokes
 * @group: name of them all
 * @tests: tests of their own
 * @nr_tests: how many
 * @pokes: tests for @poke_test, each of which gets one as *state
 * @nr_pokes: how many
 * @poke_test: makes a valid structure, pokes and checks it
 *
 * Return: the exit status of the program
 */
static inline int run_group(const char *group, const struct CMUnitTest *tests,
			    size_t nr_tests, const struct poke *pokes,
			    size_t nr_pokes, CMUnitTestFunction poke_test)
{
	struct CMUnitTest *all = calloc(nr_tests + nr_pokes, sizeof(*all));
	size_t i;
	int failed;

	if (!all)
		return 1;
	memcpy(all, tests, nr_tests * sizeof(*all));
	for (i = 0; i < nr_pokes; i++) {
		all[nr_tests + i].name = pokes[i].name;
		all[nr_tests + i].test_func = poke_test;
		all[nr_tests + i].initial_state = (void *)&pokes[i];
	}
	failed = _cmocka_run_group_tests(group, all, nr_tests + nr_pokes, NULL,
					 NULL);
	free(all);
	return failed != 0;
}

#endif /* _NOXS_TESTS_UNIT_HARNESS_H */
