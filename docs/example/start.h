/* SPDX-License-Identifier: MIT */
/*
 * A PV guest's first steps, as start.S has them, and any guest's way to Xen.
 */
#ifndef START_H
#define START_H

struct start_info;

/* Xen fills it with one entry of 32 octets for each hypercall. */
extern char hypercall_page[];

/* What the guest does, from beginning to end; info is what its builder says. */
void guest_run(struct start_info *info);

static inline long hypercall(unsigned int nr, long a, long b, long c)
{
	register long rdi asm("rdi") = a;
	register long rsi asm("rsi") = b;
	register long rdx asm("rdx") = c;
	long ret;

	asm volatile("call *%[entry]"
		     : "=a" (ret), "+r" (rdi), "+r" (rsi), "+r" (rdx)
		     : [entry] "b" (hypercall_page + nr * 32)
		     : "rcx", "r8", "r9", "r10", "r11", "memory");
	return ret;
}

#endif /* START_H */
