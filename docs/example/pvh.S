/* SPDX-License-Identifier: MIT */
/*
 * Where a PVH guest begins, and the note that says so: in 32 bits, without page tables,
 * %ebx pointing to hvm_start_info. The way to 64 bits: page tables in which the first
 * GiB is where it is, and a code segment.
 */
#include "note.S"

	.section .note.Xen, "a", @note
	note	18, .long pvh_start		/* PHYS32_ENTRY */

	.text
	.code32
pvh_start:
	cld
	movl	$level3 + 3, level4
	movl	$level2 + 3, level3
	mov	$level2, %edi
	mov	$0x83, %eax		/* 2 MiB, writable, present */
1:	mov	%eax, (%edi)
	add	$0x200000, %eax
	add	$8, %edi
	cmp	$level2 + 4096, %edi
	jne	1b

	mov	$0x20, %eax		/* PAE */
	mov	%eax, %cr4
	mov	$level4, %eax
	mov	%eax, %cr3
	mov	$0xc0000080, %ecx	/* EFER */
	rdmsr
	or	$0x100, %eax		/* LME */
	wrmsr
	mov	%cr0, %eax
	or	$0x80000000, %eax	/* PG */
	mov	%eax, %cr0
	lgdt	gdt_register
	ljmp	$8, $2f

	.code64
2:	lea	stack_end(%rip), %rsp
	mov	%ebx, %edi
	xor	%ebp, %ebp
	call	pvh_run
	/* Without Xen there is nothing to be done. */
	ud2

	.section .rodata
	.balign	8
gdt:
	.quad	0, 0x00af9a000000ffff	/* code, 64 bits */
gdt_register:
	.word	. - gdt - 1
	.long	gdt

	.bss
	.balign	4096
level4:	.skip	4096
level3:	.skip	4096
level2:	.skip	4096

	.section .note.GNU-stack, "", @progbits
