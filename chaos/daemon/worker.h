/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_DAEMON_WORKER_H
#define CHAOS_DAEMON_WORKER_H

/**
 * enum work - what jobs do
 * @WORK_REAP: destroy a guest that has ended
 * @WORK_RESTART: make it again
 * @WORK_BURY: forget one whose domain others have destroyed
 * @WORK_FILL: make a shell for a pool; see ../shelling.h
 * @WORK_DROP: destroy a shell
 * @WORK_TIDY: remove all that is left over; see daemon/tidy.h
 */
enum work {
	WORK_REAP,
	WORK_RESTART,
	WORK_BURY,
	WORK_FILL,
	WORK_DROP,
	WORK_TIDY,
};

/**
 * work_name() - what a job does, in a word
 * @work: what
 *
 * Return: the word.
 */
const char *work_name(enum work work);

/**
 * work_main() - what the process of a job does
 * @argc: count of @argv
 * @argv: name of the process, work_name(); for filling the pool's name; but for
 *	that and tidying also domid, handle, and how often the guest was made
 *	again
 *
 * Says on standard output {"ok": true}, for a restart or a shell with the new
 * domid; or
 * {"ok": false, "error": TEXT, "errno": NUMBER}, where ESTALE means that there
 * is nothing to do: it is done, or it was another guest.
 *
 * Return: exit status.
 */
int work_main(int argc, char **argv);

#endif /* CHAOS_DAEMON_WORKER_H */
