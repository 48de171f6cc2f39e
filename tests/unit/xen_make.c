// SPDX-License-Identifier: GPL-2.0
/* chaos/xen/make.c: why a domain can't be made or filled, in words that help. */
#include "harness.h"

#include <xenctrl.h>
#include <xenguest.h>

#include "xen/domain.h"

#define DOMID	7

/* How Xen answers, and the library. */
static struct {
	int create, fill, build, grants, port, tsc;
	unsigned int vcpus, tsc_mode;
	uint32_t flags;
	const char *options, *said;
	int version;
	uint64_t free, outstanding, has, dom0, dying;
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
xc_evtchn_port_or_error_t
__wrap_xc_evtchn_alloc_unbound(xc_interface *xch, uint32_t domid,
			       uint32_t remote);
int __wrap_xc_dom_build_image(struct xc_dom_image *dom);
int __wrap_xc_dom_boot_image(struct xc_dom_image *dom);
int __wrap_xc_dom_gnttab_init(struct xc_dom_image *dom);
int __wrap_xc_domain_max_vcpus(xc_interface *xch, uint32_t domid,
			       unsigned int max);
int __wrap_xc_domain_setmaxmem(xc_interface *xch, uint32_t domid, uint64_t kb);
int __wrap_xc_cpuid_apply_policy(xc_interface *xch, uint32_t domid);
int __wrap_xc_domain_set_tsc_info(xc_interface *xch, uint32_t domid,
				  uint32_t mode, uint64_t elapsed, uint32_t khz,
				  uint32_t incarnation);

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
	/* Any will do: what all releases take for that, and no domain can have. */
	assert_int_equal(*domid, 0x7ff5);
	assert_true(*domid >= DOMID_FIRST_RESERVED);
	host.flags = create->flags;
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
	memset(infos, 0, sizeof(*infos));
	infos->domain = first;
	infos->tot_pages = first ? host.has : host.dom0;
	if (max == 1)
		return 1;
	/* All of them: one that is going, or none. */
	infos->tot_pages = host.dying;
	infos->flags = XEN_DOMINF_dying;
	return !!host.dying;
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

xc_evtchn_port_or_error_t
__wrap_xc_evtchn_alloc_unbound(xc_interface *xch, uint32_t domid,
			       uint32_t remote)
{
	(void)xch;
	assert_int_equal(domid, DOMID);
	assert_int_equal(remote, 0);
	return host.port ? host.port : answer(-ENOSPC);
}

int __wrap_xc_dom_build_image(struct xc_dom_image *dom)
{
	assert_int_equal(dom->console_evtchn, host.port);
	return answer(host.build);
}

int __wrap_xc_dom_boot_image(struct xc_dom_image *dom)
{
	(void)dom;
	return 0;
}

int __wrap_xc_dom_gnttab_init(struct xc_dom_image *dom)
{
	(void)dom;
	return answer(host.grants);
}

int __wrap_xc_domain_max_vcpus(xc_interface *xch, uint32_t domid,
			       unsigned int max)
{
	(void)xch;
	assert_int_equal(domid, DOMID);
	host.vcpus = max;
	return 0;
}

int __wrap_xc_domain_setmaxmem(xc_interface *xch, uint32_t domid, uint64_t kb)
{
	(void)xch;
	(void)kb;
	assert_int_equal(domid, DOMID);
	return 0;
}

/* Its further arguments are the releases' own. */
int __wrap_xc_cpuid_apply_policy(xc_interface *xch, uint32_t domid)
{
	(void)xch;
	assert_int_equal(domid, DOMID);
	return 0;
}

/* It is for each processor, so that they have to be there. */
int __wrap_xc_domain_set_tsc_info(xc_interface *xch, uint32_t domid,
				  uint32_t mode, uint64_t elapsed, uint32_t khz,
				  uint32_t incarnation)
{
	(void)xch;
	assert_int_equal(domid, DOMID);
	assert_int_equal(host.vcpus, 1);
	assert_int_equal(elapsed, 0);
	assert_int_equal(khz, 0);
	assert_int_equal(incarnation, 0);
	host.tsc_mode = mode;
	return answer(host.tsc);
}

/* As libxenguest has it, which only asks for the type. */
bool xc_dom_translated(const struct xc_dom_image *dom)
{
	return dom->container_type == XC_DOM_HVM_CONTAINER;
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

	return domain_create(&xen, &config, GUEST_PV, handle, &dom, &err);
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

/* What differs between the types is what differs in what Xen is asked for. */
static void test_types(void **state)
{
	static const uint8_t handle[UUID_SIZE];
	const struct guest_config config = { .vcpus = 1 };
	struct domain dom;

	(void)state;
	assert_int_equal(domain_create(&xen, &config, GUEST_PV, handle, &dom,
				       &err), 0);
	assert_int_equal(dom.type, GUEST_PV);
	assert_int_equal(host.flags & XEN_DOMCTL_CDF_hvm, 0);
	assert_int_equal(domain_create(&xen, &config, GUEST_PVH, handle, &dom,
				       &err), 0);
	assert_int_equal(dom.type, GUEST_PVH);
	assert_int_equal(host.flags, XEN_DOMCTL_CDF_hvm);
	assert_int_equal(dom.domid, DOMID);
}

static int limit(enum tsc_mode mode)
{
	const struct guest_config config = {
		.memory = 10, .vcpus = 1, .tsc_mode = mode,
	};
	const struct domain dom = { .domid = DOMID, .type = GUEST_PV };

	host.tsc_mode = 99;
	return domain_limit(&xen, &config, &dom, &err);
}

static void test_tsc_mode(void **state)
{
	(void)state;
	assert_int_equal(limit(TSC_NATIVE), 0);
	assert_int_equal(host.tsc_mode, 2);
	assert_int_equal(limit(TSC_EMULATE), 0);
	assert_int_equal(host.tsc_mode, 1);
	host.tsc = -EPERM;
	assert_int_equal(limit(TSC_EMULATE), -EPERM);
	assert_string_equal(err.text, "tsc_mode: Operation not permitted");
	/* It is what a domain has anyway. */
	assert_int_equal(limit(TSC_DEFAULT), 0);
	assert_int_equal(host.tsc_mode, 99);
}

static int fill(void)
{
	const struct guest_config config = { .memory = 10, .vcpus = 1 };
	const struct domain dom = { .domid = DOMID, .type = GUEST_PV };
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
			    "memory: 10 MiB wanted, the host has 7 MiB left; dom0 has 0 MiB");
	/* Where it is, and how to have it there no more. */
	host.dom0 = 1025;
	host.dying = 515;
	host.options = "loglvl=all";
	assert_int_equal(fill(), -ENOMEM);
	assert_string_equal(err.text,
			    "memory: 10 MiB wanted, the host has 7 MiB left; dom0 has 4 MiB, which Xen's option dom0_mem limits; domains that are being destroyed have 2 MiB");
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

static int load(struct xc_dom_image *xdi, struct domain *dom)
{
	const struct guest_config config = { .memory = 10 };
	struct image image = { .dom = xdi };

	return domain_load(&xen, &config, dom, &image, &err);
}

/* Where others find what they need later: frames as the hypervisor has them. */
static void test_places(void **state)
{
	xen_pfn_t p2m[] = { 70, 71, 72, 73 };
	struct domain dom = { .domid = DOMID, .type = GUEST_PV };
	struct xc_dom_image xdi = {
		.container_type = XC_DOM_PV_CONTAINER, .pv_p2m = p2m,
		.total_pages = 4, .start_info_pfn = 3, .console_pfn = 1,
		.start_info_seg.pfn = 9,
	};

	(void)state;
	host.port = 5;
	assert_int_equal(load(&xdi, &dom), 0);
	assert_int_equal(dom.console_port, 5);
	assert_int_equal(dom.console_gfn, 71);
	assert_int_equal(dom.start_info_gfn, 73);
	/* There is no XenStore. */
	assert_int_equal(xdi.xenstore_domid, DOMID);
	/* What only PVH guests have isn't asked for here. */
	xdi.container_type = XC_DOM_HVM_CONTAINER;
	assert_int_equal(load(&xdi, &dom), 0);
	assert_int_equal(dom.console_gfn, 1);
	assert_int_equal(dom.start_info_gfn, 9);
}

static void test_not_loaded(void **state)
{
	struct domain dom = { .domid = DOMID, .type = GUEST_PV };
	struct xc_dom_image xdi = { .xch = NULL };

	(void)state;
	assert_int_equal(load(&xdi, &dom), -ENOSPC);
	assert_string_equal(err.text,
			    "event channel of the console: No space left on device");
	host.port = 5;
	host.build = -EINVAL;
	assert_int_equal(load(&xdi, &dom), -EINVAL);
	assert_string_equal(err.text,
			    "kernel: loading it into 10 MiB: Invalid argument");
	host.build = 0;
	host.grants = -ENOMEM;
	assert_int_equal(load(&xdi, &dom), -ENOMEM);
	assert_string_equal(err.text,
			    "grant table: Cannot allocate memory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_limits_by_name, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_memory_is_short, setup,
						teardown),
		cmocka_unit_test(test_other_xen),
		cmocka_unit_test_setup_teardown(test_types, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tsc_mode, setup, teardown),
		cmocka_unit_test_setup_teardown(test_places, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_loaded, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
