// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/pool/build.c: the steps by which a domain comes into being, and what is
 * undone when one of them fails. Each step is a letter, in the order of the calls.
 */
#include "harness.h"

#include "pool/build.h"
#include "util/state.h"

/*
 * image: load I, free i; the right to make domains: take B, give back b;
 * handle H, domain C, record R, noxs N, domain's handle S, limits L, memory P,
 * kernel K, command line M; undo U
 */
static char steps[128];
static char failing;
static int failure;
static unsigned int busy;
static bool dead_stays;

static int step(char which)
{
	size_t len = strlen(steps);

	assert_true(len < sizeof(steps) - 1);
	steps[len] = which;
	steps[len + 1] = '\0';
	return which == failing ? failure : 0;
}

int image_load(struct xen *xen, const struct guest_config *config,
	       struct image *image, struct error *err)
{
	(void)xen;
	(void)config;
	(void)err;
	image->dom = (void *)image;
	return step('I');
}

void image_free(struct image *image)
{
	if (image->dom)
		step('i');
	image->dom = NULL;
}

int state_create_begin(int *fd, struct error *err)
{
	(void)err;
	*fd = 1;
	return step('B');
}

void state_create_end(int fd)
{
	assert_int_equal(fd, 1);
	step('b');
}

int noxs_early_handle(uint8_t *handle, struct error *err)
{
	(void)err;
	memset(handle, 1, UUID_SIZE);
	return step('H');
}

int domain_create(struct xen *xen, const struct guest_config *config,
		  enum guest_type type, const uint8_t *handle,
		  struct domain *dom, struct error *err)
{
	(void)xen;
	(void)config;
	(void)type;
	(void)err;
	memset(dom, 0, sizeof(*dom));
	dom->domid = 7;
	memcpy(dom->handle, handle, UUID_SIZE);
	return step('C');
}

int noxs_dom_add(struct noxs *noxs, uint32_t domid, uint8_t *handle,
		 struct error *err)
{
	(void)noxs;
	(void)err;
	assert_int_equal(domid, 7);
	memset(handle, 2, UUID_SIZE);
	if (busy) {
		busy--;
		step('N');
		return -EBUSY;
	}
	return step('N');
}

int noxs_dom_del(struct noxs *noxs, uint32_t domid, const uint8_t *handle,
		 struct error *err)
{
	(void)noxs;
	(void)err;
	assert_int_equal(domid, 7);
	assert_null(handle);
	step('D');
	if (dead_stays)
		return -EIO;
	/* Then it can be added. */
	failing = '\0';
	return 0;
}

int domain_set_handle(struct xen *xen, struct domain *dom,
		      const uint8_t *handle, struct error *err)
{
	(void)xen;
	(void)err;
	memcpy(dom->handle, handle, UUID_SIZE);
	return step('S');
}

int domain_limit(struct xen *xen, const struct guest_config *config,
		 const struct domain *dom, struct error *err)
{
	(void)xen;
	(void)config;
	(void)err;
	assert_int_equal(dom->handle[0], 2);
	return step('L');
}

int domain_populate(struct xen *xen, const struct guest_config *config,
		    const struct domain *dom, struct image *image,
		    struct error *err)
{
	(void)xen;
	(void)config;
	(void)dom;
	(void)err;
	assert_non_null(image->dom);
	return step('P');
}

int domain_load(struct xen *xen, const struct guest_config *config,
		struct domain *dom, struct image *image, struct error *err)
{
	(void)xen;
	(void)config;
	(void)err;
	assert_non_null(image->dom);
	dom->start_info_gfn = 5;
	return step('K');
}

int cmdline_find(uint32_t domid, uint64_t gfn, struct cmdline_place *place,
		 struct error *err)
{
	(void)err;
	assert_int_equal(domid, 7);
	assert_int_equal(gfn, 5);
	place->gfn = gfn;
	return step('M');
}

static int remember(struct build *build, struct error *err)
{
	(void)err;
	assert_int_equal(build->dom.domid, 7);
	return step('R');
}

/* A mapping of its memory would keep the domain from going. */
static int undo(struct build *build, int why, struct error *err)
{
	(void)err;
	assert_int_equal(build->dom.domid, 7);
	if (strchr(steps, 'L'))
		assert_null(build->image.dom);
	step('U');
	return why;
}

static int build(char fails, int ret, bool with_cmdline)
{
	struct cmdline_place place = { 0 };
	struct build build = {
		.remember = remember, .undo = undo,
		.cmdline = with_cmdline ? &place : NULL,
	};
	struct error err;

	*steps = '\0';
	failing = fails;
	failure = ret;
	return build_domain(&build, &err);
}

static void test_steps(void **state)
{
	(void)state;
	assert_int_equal(build('\0', 0, false), 0);
	assert_string_equal(steps, "IBHCRNSRbLPKi");
	assert_int_equal(build('\0', 0, true), 0);
	assert_string_equal(steps, "IBHCRNSRbLPKMi");
}

/* What was made is undone once, and before that there is nothing to undo. */
static void test_failures(void **state)
{
	static const struct {
		char fails;
		const char *steps;
	} failures[] = {
		{ 'I', "I" }, { 'B', "IBi" }, { 'H', "IBHbi" },
		{ 'C', "IBHCbi" }, { 'R', "IBHCRUbi" }, { 'N', "IBHCRNUbi" },
		{ 'S', "IBHCRNSUbi" }, { 'L', "IBHCRNSRbLiU" },
		{ 'P', "IBHCRNSRbLPiU" }, { 'K', "IBHCRNSRbLPKiU" },
		{ 'M', "IBHCRNSRbLPKMiU" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(failures); i++) {
		assert_int_equal(build(failures[i].fails, -ENOMEM, true),
				 -ENOMEM);
		assert_string_equal(steps, failures[i].steps);
	}
}

/* A domid that can't be used yet: the next one, four times at most. */
static void test_busy_domid(void **state)
{
	(void)state;
	busy = 2;
	assert_int_equal(build('\0', 0, false), 0);
	assert_string_equal(steps, "IBHCRNUbBHCRNUbBHCRNSRbLPKi");
	busy = 4;
	assert_int_equal(build('\0', 0, false), -EBUSY);
	assert_string_equal(steps, "IBHCRNUbBHCRNUbBHCRNUbBHCRNUbi");
	busy = 0;
}

/* noxs knows a dead domain of this domid. */
static void test_dead_domain(void **state)
{
	(void)state;
	assert_int_equal(build('N', -EEXIST, false), 0);
	assert_string_equal(steps, "IBHCRNDNSRbLPKi");
	dead_stays = true;
	assert_int_equal(build('N', -EEXIST, false), -EIO);
	assert_string_equal(steps, "IBHCRNDUbi");
	dead_stays = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_busy_domid),
		cmocka_unit_test(test_dead_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
