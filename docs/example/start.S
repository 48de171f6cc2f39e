/* SPDX-License-Identifier: MIT */
/*
 * Where a PV guest begins, and the notes that say so.
 */
#include "note.S"

	.section .note.Xen, "a", @note
	note	6, .asciz "example"	/* GUEST_OS */
	note	5, .asciz "xen-3.0"		/* XEN_VERSION */
	note	8, .asciz "generic"		/* LOADER */
	note	3, .quad 0			/* VIRT_BASE */
	note	4, .quad 0			/* PADDR_OFFSET */
	note	1, .quad _start			/* ENTRY */
	note	2, .quad hypercall_page		/* HYPERCALL_PAGE */

	.text
	.globl	_start, hypercall_page, stack_end
	.balign	4096
hypercall_page:
	.skip	4096

/* %rsi points to start_info. */
_start:
	cld
	lea	stack_end(%rip), %rsp
	mov	%rsi, %rdi
	xor	%ebp, %ebp
	call	guest_run

	.bss
	.balign	16
	.skip	8192
stack_end:

	.section .note.GNU-stack, "", @progbits
