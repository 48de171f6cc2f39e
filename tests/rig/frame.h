/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the rig's two ends say to each other over one virtio-serial port: run.c
 * on the machine, agent.c in dom0.  A frame is this header and len bytes.
 *
 * One ordered stream each way, so that no output can arrive after the exit
 * status, and the end of input is a frame and not the state of a port.
 */
#ifndef RIG_FRAME_H
#define RIG_FRAME_H

#include <stdint.h>

#define FRAME_MAX	32768
#define FRAME_PORT	"org.noxs.rig"

struct frame {
	uint8_t type;
	uint8_t pad[3];
	uint32_t len;
};

enum {
	/* From the machine. */
	FRAME_RUN	= 'r',	/* struct run_head, then words ending in NUL */
	FRAME_STDIN	= 'i',
	FRAME_STDIN_EOF	= 'e',
	FRAME_CLOSE	= 'c',	/* nobody reads this any more: byte 1 or 2 */
	FRAME_RESIZE	= 'w',	/* struct run_head */
	FRAME_DEADLINE	= 'd',	/* save what can tell why it takes so long */

	/* From dom0. */
	FRAME_READY	= 'R',
	FRAME_STDOUT	= 'O',
	FRAME_STDERR	= 'E',
	FRAME_KMSG	= 'K',	/* whole lines of the kernel's log */
	FRAME_EXIT	= 'X',	/* uint32_t as from wait(2); the last frame */
};

/* The size of the terminal, or 0, 0 for pipes. */
struct run_head {
	uint16_t rows;
	uint16_t cols;
};

#endif
