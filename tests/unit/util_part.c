// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/util/part.c: a part of chaos is opened where it was installed, and only if it
 * was made with the rest.
 */
#include "harness.h"

#include <dlfcn.h>

#include "util/chaos.h"
#include "util/part.h"

void *__wrap_dlopen(const char *path, int flags);
void *__wrap_dlsym(void *library, const char *symbol);
int __wrap_dlclose(void *library);

/* What is there. */
static struct part part;
static bool no_file, no_symbol;
static int opened;

void *__wrap_dlopen(const char *path, int flags)
{
	assert_string_equal(path, CHAOS_LIBDIR "/some.so");
	/* What isn't there is to be seen here, and not in the middle of something. */
	assert_true(flags & RTLD_NOW);
	if (no_file) {
		/* So that dlerror() has something to say. */
		assert_null(dlvsym(RTLD_DEFAULT, "no_such_symbol", "X"));
		return NULL;
	}
	opened++;
	return &part;
}

void *__wrap_dlsym(void *library, const char *symbol)
{
	assert_ptr_equal(library, &part);
	assert_string_equal(symbol, "some_part");
	if (!no_symbol)
		return &part;
	assert_null(dlvsym(RTLD_DEFAULT, "no_such_symbol", "X"));
	return NULL;
}

int __wrap_dlclose(void *library)
{
	assert_ptr_equal(library, &part);
	opened--;
	return 0;
}

static void test_opened(void **state)
{
	struct error err;

	(void)state;
	part.build = CHAOS_BUILD;
	assert_ptr_equal(part_open("some", &err), &part);
	assert_int_equal(opened, 1);
	opened = 0;
}

static void test_refused(void **state)
{
	struct error err = { "" };

	(void)state;
	part.build = "another";
	assert_null(part_open("some", &err));
	assert_string_equal(err.text,
			    CHAOS_LIBDIR "/some.so: is of another version of chaos");
	part.build = CHAOS_BUILD;
	no_symbol = true;
	*err.text = '\0';
	assert_null(part_open("some", &err));
	assert_non_null(strstr(err.text, "no_such_symbol"));
	no_symbol = false;
	no_file = true;
	*err.text = '\0';
	assert_null(part_open("some", &err));
	assert_non_null(strstr(err.text, "no_such_symbol"));
	no_file = false;
	assert_int_equal(opened, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opened),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
