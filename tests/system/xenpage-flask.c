// SPDX-License-Identifier: GPL-2.0
/*
 * xenpage-flask - on a Xen with FLASK that is permissive: with the policy of Xen's own,
 * enforced, who may write whose device page
 *
 * A line for each label that a domain can have. FLASK is permissive again at the end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <xenctrl.h>

#include "xenpage.h"

static struct xc_interface_core *xch;
static int failed;

static uint32_t label_sid(const char *type)
{
	char label[100];
	uint32_t sid;

	snprintf(label, sizeof(label), "system_u:system_r:%s", type);
	if (xc_flask_context_to_sid(xch, label, strlen(label), &sid))
		err(2, "%s", label);
	return sid;
}

/* Created while everything is allowed. */
static uint32_t make_domain(const char *type)
{
	struct xen_domctl_createdomain create = {
		.ssidref = label_sid(type),
		.max_vcpus = 1,
		.max_evtchn_port = 1,
		.max_grant_frames = 1,
		.grant_opts = XEN_DOMCTL_GRANT_version(1),
	};
	uint32_t domid = 0;

	if (xc_domain_create(xch, &domid, &create))
		err(2, "xc_domain_create: %s", type);
	return domid;
}

static void enforce(int how)
{
	if (xc_flask_setenforce(xch, how))
		err(2, "xc_flask_setenforce");
}

static void expect(int expected, uint32_t domid, uint16_t cmd, const char *type)
{
	struct xen_noxs op = { .domid = domid, .cmd = cmd };
	int error;

	if (cmd == XEN_NOXS_WRITE)
		op.content = (struct noxs_slot){
			.type = NOXS_TYPE_VIF,
			.gref = 8,
			.evtchn = 1,
			.generation = 1,
		};
	error = xenpage_call(&op);
	printf("%s, domain %u, command %u: %s\n", type, domid, cmd,
	       error ? strerrorname_np(error) : "allowed");
	failed |= error != expected;
}

/* The types of Xen's policy; nobody has thought of what is unlabeled. */
static const struct {
	const char *type;
	int error;
} labels[] = {
	{ "domU_t", 0 },
	{ "nomigrate_t_building", 0 },
	{ "nomigrate_t", 0 },
	{ "unlabeled_t", EACCES },
};

int main(void)
{
	xch = xc_interface_open(NULL, NULL, 0);
	if (!xch)
		err(2, "xc_interface_open");
	for (unsigned int i = 0; i < sizeof(labels) / sizeof(*labels); i++) {
		uint32_t domid = make_domain(labels[i].type);

		enforce(1);
		for (uint16_t cmd = XEN_NOXS_WRITE; cmd <= XEN_NOXS_DROP; cmd++)
			expect(labels[i].error, domid, cmd, labels[i].type);
		enforce(0);
		if (xc_domain_destroy(xch, domid))
			err(2, "xc_domain_destroy");
	}
	return failed;
}
