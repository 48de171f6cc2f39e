// SPDX-License-Identifier: GPL-2.0
/*
 * How far something is, and how much longer it takes, in a line of the user's terminal
 * that is written again and again.
 */
#include <stdio.h>
#include <unistd.h>

#include "util/progress.h"
#include "util/util.h"

#define FIRST_MS	1000
#define STEP_MS		200
/* From here on, minutes are enough. */
#define SECONDS_MAX	120

#define LINE_BEGIN	"\r"
#define CLEAR_REST	"\033[K"

void progress_begin(struct progress *progress, const char *what,
		    bool is_wanted)
{
	progress->what = what;
	progress->is_shown = is_wanted && isatty(STDERR_FILENO);
	progress->began = clock_ms();
	progress->last = 0;
}

/* What is left goes as fast as what is done. */
static void print_left(int64_t ms, uint64_t done, uint64_t total)
{
	uint64_t seconds = (double)ms * (total - done) / done / 1000 + 0.5;

	if (seconds <= SECONDS_MAX)
		fprintf(stderr, ", %llu s left", (unsigned long long)seconds);
	else
		fprintf(stderr, ", %llu min left",
			(unsigned long long)seconds / 60);
}

/* Return: whether it is time to show something. */
static bool is_time(struct progress *progress)
{
	int64_t now = clock_ms();

	if (now - progress->began < FIRST_MS ||
	    (progress->last && now - progress->last < STEP_MS))
		return false;
	progress->last = now;
	return true;
}

void progress_wait(struct progress *progress, int64_t left)
{
	if (!progress->is_shown || !is_time(progress))
		return;
	fprintf(stderr, LINE_BEGIN "%s: at most %lld s" CLEAR_REST,
		progress->what, left > 0 ? ((long long)left + 999) / 1000 : 0LL);
	fflush(stderr);
}

void progress_show(struct progress *progress, uint64_t done, uint64_t total)
{
	if (!progress || !progress->is_shown || !total || done > total ||
	    !is_time(progress))
		return;
	fprintf(stderr, LINE_BEGIN "%s: %u %%", progress->what,
		(unsigned int)((double)done * 100 / total));
	if (done)
		print_left(progress->last - progress->began, done, total);
	fputs(CLEAR_REST, stderr);
	fflush(stderr);
}

void progress_end(struct progress *progress)
{
	if (progress->last)
		fputs(LINE_BEGIN CLEAR_REST, stderr);
	progress->last = 0;
}
