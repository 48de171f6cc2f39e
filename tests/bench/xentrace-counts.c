// SPDX-License-Identifier: GPL-2.0
/*
 * xentrace-counts FILE - what happened between the two marks of meter(1) in a trace
 * of xentrace -e 0x002af000, as "NAME VALUE" lines
 *
 *	domain_switches		from one domain to another; idle isn't one
 *	hypercalls		without iret, which a PV kernel has instead of an
 *				instruction
 *	hypercalls_dom0, hypercalls_guest
 *	evtchn_ops		event_channel_op among them
 *	evtchn_ops_dom0, evtchn_ops_guest
 *	grant_ops		grant_table_op among them
 *	exits			of PVH domains to Xen, hypercalls among them
 *	grants_copied, grants_mapped, grants_unmapped
 *				what these were asked to do
 *	lost			records that Xen had no room for: the rest is worth
 *				nothing then
 */
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Sets the version of the interface that the others are for. */
#include <xenctrl.h>

#include <xen/grant_table.h>
#include <xen/trace.h>
#include <xen/xen.h>

#include "mark.h"

#define DOMID_NOBODY	0x7fff	/* the idle domain */

/*
 * Of any processor until Xen 4.17. Xen 4.20 has other names for these, which are Intel's
 * only there, and two more for AMD's.
 */
#define HVM_EXIT	(TRC_HVM_ENTRYEXIT + 0x02)
#define HVM_EXIT64	(TRC_HVM_ENTRYEXIT + TRC_64_FLAG + 0x02)
#define HVM_SVM_EXIT	(TRC_HVM_ENTRYEXIT + 0x03)
#define HVM_SVM_EXIT64	(TRC_HVM_ENTRYEXIT + TRC_64_FLAG + 0x03)

static unsigned long hypercalls[2], evtchn_ops[2], grant_ops, exits, switches, lost;
static unsigned long copied, mapped, unmapped;

/* Xen's trace has what is asked for, and how often. */
static void grant_op(const uint32_t *words, unsigned int n)
{
	grant_ops++;
	if (n < 3)
		return;
	switch (words[1]) {
	case GNTTABOP_copy:
		copied += words[2];
		break;
	case GNTTABOP_map_grant_ref:
		mapped += words[2];
		break;
	case GNTTABOP_unmap_grant_ref:
	case GNTTABOP_unmap_and_replace:
		unmapped += words[2];
		break;
	}
}

static void hypercall(bool guest, const uint32_t *words, unsigned int n, bool *in)
{
	unsigned int op = words[0] & 0xfffff;

	if (op == MARK_HYPERCALL && n > 1 &&
	    (words[1] == MARK_BEGIN || words[1] == MARK_END)) {
		*in = words[1] == MARK_BEGIN;
		return;
	}
	if (!*in || op == __HYPERVISOR_iret)
		return;
	hypercalls[guest]++;
	if (op == __HYPERVISOR_event_channel_op)
		evtchn_ops[guest]++;
	else if (op == __HYPERVISOR_grant_table_op)
		grant_op(words, n);
}

int main(int argc, char **argv)
{
	uint32_t header, words[8], domain = 0, last = 0;
	bool in = false;
	FILE *file;

	if (argc != 2)
		errx(2, "usage: xentrace-counts FILE");
	file = fopen(argv[1], "r");
	if (!file)
		err(1, "%s", argv[1]);
	while (fread(&header, sizeof(header), 1, file) == 1) {
		unsigned int n = header >> TRACE_EXTRA_SHIFT & 7;
		uint64_t tsc;

		if (header & 1U << 31 && fread(&tsc, sizeof(tsc), 1, file) != 1)
			break;
		if (fread(words, sizeof(*words), n, file) != n)
			break;
		switch (header & 0x0fffffff) {
		case TRC_LOST_RECORDS:
			lost += words[0];
			break;
		case TRC_SCHED_SWITCH:
			domain = words[2];
			if (domain == DOMID_NOBODY)
				break;
			switches += in && domain != last;
			last = domain;
			break;
		case TRC_PV_HYPERCALL_V2:
		case TRC_PV_HYPERCALL_SUBCALL:
		case TRC_HVM_VMMCALL:
			hypercall(domain, words, n, &in);
			break;
		case HVM_EXIT:
		case HVM_EXIT64:
		case HVM_SVM_EXIT:
		case HVM_SVM_EXIT64:
			exits += in;
			break;
		}
	}
	fclose(file);
	printf("domain_switches %lu\n", switches);
	printf("hypercalls %lu\nhypercalls_dom0 %lu\nhypercalls_guest %lu\n",
	       hypercalls[0] + hypercalls[1], hypercalls[0], hypercalls[1]);
	printf("evtchn_ops %lu\nevtchn_ops_dom0 %lu\nevtchn_ops_guest %lu\n",
	       evtchn_ops[0] + evtchn_ops[1], evtchn_ops[0], evtchn_ops[1]);
	printf("grant_ops %lu\nexits %lu\n", grant_ops, exits);
	printf("grants_copied %lu\ngrants_mapped %lu\ngrants_unmapped %lu\n",
	       copied, mapped, unmapped);
	printf("lost %lu\n", lost);
	return 0;
}
