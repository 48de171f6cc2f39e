// SPDX-License-Identifier: GPL-2.0
/* chaos/xen/domain.c: why a domain can't be made or filled, in words that help. */
#include "harness.h"

#include <xenctrl.h>
#include <xenguest.h>

#include "xen/domain.h"

#define DOMID	7

/* How Xen answers, and the library. */
static struct {
	int create, fill;
	const char *options, *said;
	int version;
	uint64_t free, outstanding, has;
} host;

static struct xen xen;
static struct error err;
static xentoollog_logger *logger;

xc_interface *__wrap_xc_interface_open(xentoollog_logger *log,
				       xentoollog_logger *dombuild,
				       unsigned int flags);
int __wrap_xc_interface_close(xc_interface *xch);
int __wrap_xc_domain_create(xc_interface *xch, uint32_t *domid,
			    struct xen_domctl_createdomain *create);
int __wrap_xc_version(xc_interface *xch, int what, void *arg);
int __wrap_xc_physinfo(xc_interface *xch, xc_physinfo_t *info);
int __wrap_xc_domain_getinfolist(xc_interface *xch, uint32_t first,
				 unsigned int max, xc_domaininfo_t *infos);
int __wrap_xc_dom_boot_xen_init(struct xc_dom_image *dom, xc_interface *xch,
				uint32_t domid);
int __wrap_xc_dom_mem_init(struct xc_dom_image *dom, unsigned int mb);
int __wrap_xc_dom_boot_mem_init(struct xc_dom_image *dom);

xc_interface *__wrap_xc_interface_open(xentoollog_logger *log,
				       xentoollog_logger *dombuild,
				       unsigned int flags)
{
	(void)dombuild;
	(void)flags;
	logger = log;
	return (xc_interface *)&host;
}

int __wrap_xc_interface_close(xc_interface *xch)
{
	(void)xch;
	return 0;
}

static int answer(int ret)
{
	if (!ret)
		return 0;
	errno = -ret;
	return -1;
}

int __wrap_xc_domain_create(xc_interface *xch, uint32_t *domid,
			    struct xen_domctl_createdomain *create)
{
	(void)xch;
	(void)create;
	*domid = DOMID;
	return answer(host.create);
}

int __wrap_xc_version(xc_interface *xch, int what, void *arg)
{
	(void)xch;
	if (what == XENVER_version)
		return host.version < 0 ? answer(host.version) : host.version;
	assert_int_equal(what, XENVER_commandline);
	if (!host.options)
		return answer(-EPERM);
	strcpy(arg, host.options);
	return 0;
}

int __wrap_xc_physinfo(xc_interface *xch, xc_physinfo_t *info)
{
	(void)xch;
	memset(info, 0, sizeof(*info));
	info->free_pages = host.free;
	info->outstanding_pages = host.outstanding;
	return 0;
}

int __wrap_xc_domain_getinfolist(xc_interface *xch, uint32_t first,
				 unsigned int max, xc_domaininfo_t *infos)
{
	(void)xch;
	assert_int_equal(max, 1);
	memset(infos, 0, sizeof(*infos));
	infos->domain = first;
	infos->tot_pages = host.has;
	return 1;
}

int __wrap_xc_dom_boot_xen_init(struct xc_dom_image *dom, xc_interface *xch,
				uint32_t domid)
{
	(void)dom;
	(void)xch;
	assert_int_equal(domid, DOMID);
	return 0;
}

int __wrap_xc_dom_mem_init(struct xc_dom_image *dom, unsigned int mb)
{
	(void)dom;
	(void)mb;
	return 0;
}

int __wrap_xc_dom_boot_mem_init(struct xc_dom_image *dom)
{
	(void)dom;
	if (host.said)
		xtl_log(logger, XTL_ERROR, -1, "xc", "%s", host.said);
	return answer(host.fill);
}

static int setup(void **state)
{
	(void)state;
	memset(&host, 0, sizeof(host));
	host.options = "dom0_mem=1G";
	host.version = 0x40011;
	return xen_open(&xen, false, &err);
}

static int teardown(void **state)
{
	(void)state;
	xen_close(&xen);
	return 0;
}

static int create(unsigned int grants, unsigned int maptrack)
{
	const struct guest_config config = {
		.vcpus = 1, .max_grant_frames = grants,
		.max_maptrack_frames = maptrack,
	};
	static const uint8_t handle[UUID_SIZE];
	struct domain dom;

	return domain_create(&xen, &config, &domain_pv, handle, &dom, &err);
}

static void test_limits_by_name(void **state)
{
	(void)state;
	assert_int_equal(create(64, 1024), 0);
	host.create = -EINVAL;
	assert_int_equal(create(256, 0), -EINVAL);
	assert_string_equal(err.text,
			    "max_grant_frames: 256 is more than Xen's own limit, 64; its option gnttab_max_frames raises that");
	assert_int_equal(create(64, 1025), -EINVAL);
	assert_string_equal(err.text,
			    "max_maptrack_frames: 1025 is more than Xen's own limit, 1024; its option gnttab_max_maptrack_frames raises that");
	host.options = "gnttab_max_framesx=1 gnttab_max_frames=16 gnttab_max_frames=0x20";
	assert_int_equal(create(33, 0), -EINVAL);
	assert_string_equal(err.text,
			    "max_grant_frames: 33 is more than Xen's own limit, 32; its option gnttab_max_frames raises that");
	/* It is something else. */
	assert_int_equal(create(32, 1024), -EINVAL);
	assert_string_equal(err.text,
			    "creating the domain: Invalid argument");
	host.options = NULL;
	assert_int_equal(create(64, 1024), -EINVAL);
	host.create = -ENOMEM;
	assert_int_equal(create(256, 0), -ENOMEM);
	assert_string_equal(err.text,
			    "creating the domain: Cannot allocate memory");
}

static int fill(void)
{
	const struct guest_config config = { .memory = 10, .vcpus = 1 };
	const struct domain dom = { .domid = DOMID, .type = &domain_pv };
	struct xc_dom_image xdi = { .xch = NULL };
	struct image image = { .dom = &xdi };

	return domain_populate(&xen, &config, &dom, &image, &err);
}

/* That memory is short is said when it is. */
static void test_memory_is_short(void **state)
{
	(void)state;
	host.free = 2000;
	assert_int_equal(fill(), 0);
	host.fill = -EINVAL;
	host.said = "xg_dom_x86.c:9: xc_dom_panic: something else";
	assert_int_equal(fill(), -ENOMEM);
	assert_string_equal(err.text,
			    "memory: 10 MiB wanted, the host has 7 MiB left");
	/* Claimed by others, and what the domain has got itself. */
	host.free = 3000;
	host.outstanding = 1000;
	assert_int_equal(fill(), -ENOMEM);
	host.has = 560;
	assert_int_equal(fill(), -EINVAL);
	assert_string_equal(err.text, "memory: something else");
	host.fill = -EPERM;
	host.said = NULL;
	assert_int_equal(fill(), -EPERM);
	assert_string_equal(err.text, "memory: Operation not permitted");
}

/* Its libraries are for the Xen that they were released with. */
static void test_other_xen(void **state)
{
	static const struct {
		int version;
		int ret;
		const char *text;
	} others[] = {
		{ 0x40014, -EPROTONOSUPPORT, "xen: this is Xen 4.20, and chaos was built" },
		{ 0x50011, -EPROTONOSUPPORT, "xen: this is Xen 5.17, and chaos was built" },
		{ -EPERM, -EPERM, "xen: Operation not permitted" },
	};
	struct xen other;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		host.version = others[i].version;
		assert_int_equal(xen_open(&other, false, &err), others[i].ret);
		assert_memory_equal(err.text, others[i].text,
				    strlen(others[i].text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_limits_by_name, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_memory_is_short, setup,
						teardown),
		cmocka_unit_test(test_other_xen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
