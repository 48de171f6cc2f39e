/* SPDX-License-Identifier: GPL-2.0 */
/*
 * parked - a PVH guest that does nothing: what it takes of the host is what any does
 */
	.section .note.Xen, "a", @note
	.balign	4
	.long	4, 4, 18		/* PHYS32_ENTRY */
	.asciz	"Xen"
	.long	_start

	.text
	.code32
	.globl	_start
_start:
	sti				/* else Xen would take it for off */
1:	hlt
	jmp	1b

	.section .note.GNU-stack, "", @progbits
