/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_UTIL_PROGRESS_H
#define CHAOS_UTIL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct progress - how far something is that takes long
 * @what: is done
 * @is_shown: there is somebody to see it
 * @began: when, in ms
 * @last: when it was shown last, or 0
 */
struct progress {
	const char *what;
	bool is_shown;
	int64_t began;
	int64_t last;
};

/**
 * progress_begin() - begin to do something
 * @progress: out; to be ended with progress_end()
 * @what: the command
 * @is_wanted: it may be shown; it is if standard error is a terminal
 */
void progress_begin(struct progress *progress, const char *what,
		    bool is_wanted);

/**
 * progress_show() - say how far it is
 * @progress: begun, or NULL if nobody wants to know
 * @done: so much of it
 * @total: all of it
 *
 * May be called as often as one likes: what takes less than a second shows nothing.
 */
void progress_show(struct progress *progress, uint64_t done, uint64_t total);

/**
 * progress_wait() - say how much longer it may take, where that is all that is known
 * @progress: begun
 * @left: ms
 *
 * Otherwise as progress_show().
 */
void progress_wait(struct progress *progress, int64_t left);

/**
 * progress_end() - leave nothing of it on the terminal
 * @progress: begun
 */
void progress_end(struct progress *progress);

#endif /* CHAOS_UTIL_PROGRESS_H */
