/* SPDX-License-Identifier: GPL-2.0 */
/* What stub-start.S and stub.c have of each other. */
#ifndef NOXS_TESTS_SYSTEM_STUB_H
#define NOXS_TESTS_SYSTEM_STUB_H

struct start_info;

/* Xen fills it with one entry of 32 octets for each hypercall. */
extern char hypercall_page[];

/**
 * stub_run() - what the guest does, from beginning to end
 * @info: what its builder says
 */
void stub_run(struct start_info *info);

#endif /* NOXS_TESTS_SYSTEM_STUB_H */
