// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/host/netlink.c: an interface joins its bridge, and what is said when the
 * kernel, which is played here, refuses it.
 */
#include "harness.h"

#include <netlink/netlink.h>
#include <netlink/route/link.h>

#include "host/netlink.h"

#define BRIDGE	7

/* What the kernel has, what it was asked for, and what it refuses. */
static struct {
	unsigned int bridge_mtu;
	const char *bridge_type;
	unsigned int mtu, master;
	char name[IFNAMSIZ];
	bool up;
	int connect, look_up, rename, set_mtu, join;
} kernel;

static struct error err;
static nl_recvmsg_err_cb_t told;
static void *told_arg;

int __wrap_nl_connect(struct nl_sock *sock, int protocol);
int __wrap_nl_socket_modify_err_cb(struct nl_sock *sock, enum nl_cb_kind kind,
				   nl_recvmsg_err_cb_t fn, void *arg);
int __wrap_rtnl_link_get_kernel(struct nl_sock *sock, int ifindex,
				const char *name, struct rtnl_link **link);
int __wrap_rtnl_link_change(struct nl_sock *sock, struct rtnl_link *link,
			    struct rtnl_link *change, int flags);

int __wrap_nl_connect(struct nl_sock *sock, int protocol)
{
	(void)sock;
	assert_int_equal(protocol, NETLINK_ROUTE);
	return kernel.connect;
}

int __wrap_nl_socket_modify_err_cb(struct nl_sock *sock, enum nl_cb_kind kind,
				   nl_recvmsg_err_cb_t fn, void *arg)
{
	(void)sock;
	assert_int_equal(kind, NL_CB_CUSTOM);
	told = fn;
	told_arg = arg;
	return 0;
}

/* As the library does it: it has no number of its own for most of them. */
static int refuse(int error)
{
	struct nlmsgerr refusal = { .error = error };

	if (!error)
		return 0;
	assert_int_equal(told(NULL, &refusal, told_arg), NL_STOP);
	return error == -ENODEV ? -NLE_NODEV : -NLE_FAILURE;
}

int __wrap_rtnl_link_get_kernel(struct nl_sock *sock, int ifindex,
				const char *name, struct rtnl_link **link)
{
	bool is_bridge = !strcmp(name, "br");

	(void)sock;
	assert_int_equal(ifindex, 0);
	if (kernel.look_up)
		return kernel.look_up > 0 ? -NLE_NOMEM : refuse(kernel.look_up);
	if (!is_bridge && strcmp(name, kernel.name))
		return refuse(-ENODEV);
	*link = rtnl_link_alloc();
	assert_non_null(*link);
	rtnl_link_set_name(*link, name);
	rtnl_link_set_ifindex(*link, is_bridge ? BRIDGE : BRIDGE + 1);
	rtnl_link_set_mtu(*link, is_bridge ? kernel.bridge_mtu : kernel.mtu);
	if (is_bridge && kernel.bridge_type)
		rtnl_link_set_type(*link, kernel.bridge_type);
	return 0;
}

int __wrap_rtnl_link_change(struct nl_sock *sock, struct rtnl_link *link,
			    struct rtnl_link *change, int flags)
{
	(void)sock;
	(void)link;
	assert_int_equal(flags, 0);
	if (rtnl_link_get_name(change)) {
		if (kernel.rename)
			return refuse(kernel.rename);
		strcpy(kernel.name, rtnl_link_get_name(change));
	}
	if (rtnl_link_get_mtu(change)) {
		if (kernel.set_mtu)
			return refuse(kernel.set_mtu);
		kernel.mtu = rtnl_link_get_mtu(change);
	}
	if (rtnl_link_get_master(change)) {
		if (kernel.join)
			return refuse(kernel.join);
		kernel.master = rtnl_link_get_master(change);
	}
	kernel.up |= rtnl_link_get_flags(change) & IFF_UP;
	return 0;
}

static int setup(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.bridge_mtu = 9000;
	kernel.bridge_type = "bridge";
	kernel.mtu = 1500;
	strcpy(kernel.name, "vif1.0");
	return 0;
}

static int complete(struct vif_config *vif)
{
	struct netlink netlink;
	int ret;

	ret = netlink_open(&netlink, &err);
	if (ret)
		return ret;
	ret = netlink_complete(&netlink, vif, &err);
	netlink_close(&netlink);
	return ret;
}

static int plug(const struct vif_config *vif)
{
	struct netlink netlink;
	int ret;

	assert_int_equal(netlink_open(&netlink, &err), 0);
	ret = netlink_plug(&netlink, "vif1.0", vif, &err);
	netlink_close(&netlink);
	return ret;
}

/* An interface on a bridge with a smaller MTU would make the bridge's smaller. */
static void test_mtu_is_the_bridges(void **state)
{
	struct vif_config vif = { .bridge = "br" };

	(void)state;
	assert_int_equal(complete(&vif), 0);
	assert_int_equal(vif.mtu, 9000);
	vif.mtu = 1400;
	assert_int_equal(complete(&vif), 0);
	assert_int_equal(vif.mtu, 1400);
	vif = (struct vif_config){ .mtu = 0 };
	assert_int_equal(complete(&vif), 0);
	assert_int_equal(vif.mtu, 1500);
}

static void test_what_the_host_lacks(void **state)
{
	struct vif_config vif = { .bridge = "no" };

	(void)state;
	assert_int_equal(complete(&vif), -ENODEV);
	assert_string_equal(err.text, "bridge no: no such interface");
	strcpy(vif.bridge, "br");
	kernel.bridge_type = NULL;
	assert_int_equal(complete(&vif), -EINVAL);
	kernel.bridge_type = "vlan";
	assert_int_equal(complete(&vif), -EINVAL);
	assert_string_equal(err.text, "bridge br: is not a bridge");
	assert_int_equal(vif.mtu, 0);
	kernel.bridge_type = "bridge";
	strcpy(vif.ifname, "vif1.0");
	assert_int_equal(complete(&vif), -EEXIST);
	assert_string_equal(err.text,
			    "vif1.0: another interface has this name");
	strcpy(vif.ifname, "web0");
	assert_int_equal(complete(&vif), 0);
	kernel.look_up = -EPERM;
	assert_int_equal(complete(&vif), -EPERM);
	assert_string_equal(err.text, "br: look-up: Operation not permitted");
	/* Nothing that the kernel said. */
	kernel.look_up = 1;
	assert_int_equal(complete(&vif), -EIO);
	assert_string_equal(err.text, "br: look-up: Out of memory");
	kernel.connect = -NLE_NOMEM;
	assert_int_equal(complete(&vif), -EIO);
	assert_string_equal(err.text, "netlink: Out of memory");
}

static void test_plug(void **state)
{
	struct vif_config vif = {
		.bridge = "br", .ifname = "web0", .mtu = 9000,
	};

	(void)state;
	assert_int_equal(plug(&vif), 0);
	assert_string_equal(kernel.name, "web0");
	assert_int_equal(kernel.mtu, 9000);
	assert_int_equal(kernel.master, BRIDGE);
	assert_true(kernel.up);
	setup(NULL);
	vif = (struct vif_config){ .mtu = 1500 };
	assert_int_equal(plug(&vif), 0);
	assert_string_equal(kernel.name, "vif1.0");
	assert_int_equal(kernel.mtu, 1500);
	assert_int_equal(kernel.master, 0);
	assert_true(kernel.up);
}

/* The kernel's reason is told, also those that the library doesn't know. */
static void test_refused(void **state)
{
	const struct vif_config vif = {
		.bridge = "br", .ifname = "web0", .mtu = 9000,
	};

	(void)state;
	kernel.join = -EXFULL;
	assert_int_equal(plug(&vif), -EXFULL);
	assert_string_equal(err.text,
			    "vif1.0: joining the bridge: it has 1023 ports, and can't have more");
	assert_false(kernel.up);
	setup(NULL);
	kernel.join = -ELOOP;
	assert_int_equal(plug(&vif), -ELOOP);
	assert_string_equal(err.text,
			    "vif1.0: joining the bridge: Too many levels of symbolic links");
	setup(NULL);
	kernel.set_mtu = -EXFULL;
	assert_int_equal(plug(&vif), -EXFULL);
	assert_string_equal(err.text,
			    "vif1.0: setting the MTU: Exchange full");
	setup(NULL);
	kernel.rename = -ENOTUNIQ;
	assert_int_equal(plug(&vif), -ENOTUNIQ);
	setup(NULL);
	strcpy(kernel.name, "another");
	assert_int_equal(plug(&vif), -ENODEV);
	assert_string_equal(err.text, "vif1.0: no such interface");
	kernel.bridge_type = NULL;
	assert_int_equal(plug(&vif), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_mtu_is_the_bridges, setup),
		cmocka_unit_test_setup(test_what_the_host_lacks, setup),
		cmocka_unit_test_setup(test_plug, setup),
		cmocka_unit_test_setup(test_refused, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
