/* SPDX-License-Identifier: GPL-2.0 */
/* What is read from another domain is valid, or it isn't used: see check.c. */
#ifndef _NOXS_CHECK_H
#define _NOXS_CHECK_H

#include <linux/types.h>
#include <xen/interface/io/noxs.h>

/* Xen's DOMID_FIRST_RESERVED: domids from here on are no domains. */
#define NOXS_DOMID_LIMIT	0x7ff0U
/* Linux never returns a larger errno (MAX_ERRNO). */
#define NOXS_MAX_ERRNO		4095

void noxs_handle_make(u8 handle[NOXS_HANDLE_SIZE], u16 owner, u32 gref);
int noxs_handle_parse(const u8 handle[NOXS_HANDLE_SIZE], u16 *owner,
		      u32 *gref);
int noxs_devpage_check(struct noxs_devpage *page);
bool noxs_state_is_valid(u32 state, bool backend);
void noxs_half_describe(struct noxs_half *half, u16 type, bool backend);
int noxs_half_check(struct noxs_half *half, u16 type, bool backend);
u32 noxs_features_usable(u16 type, u32 features);
bool noxs_sysctl_memory_is_valid(u64 kib);
bool noxs_sysctl_vcpus_is_valid(u32 vcpus);
int noxs_sysctl_check_request(const struct noxs_sysctl_backend *be);
int noxs_sysctl_check_answer(const struct noxs_sysctl_frontend *fe,
			     u32 request_seq, u32 answer_seq);

#endif /* _NOXS_CHECK_H */
