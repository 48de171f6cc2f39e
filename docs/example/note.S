/* SPDX-License-Identifier: MIT */
/*
 * A note in an ELF file, in which Xen's builder reads what the program is.
 */
	.macro	note type:req, desc:vararg
	.balign	4
	.long	4, 2f - 1f, \type
	.asciz	"Xen"
1:	\desc
2:	.balign	4
	.endm
