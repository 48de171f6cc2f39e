// SPDX-License-Identifier: GPL-2.0
/*
 * Signals that end or stop the process: they wait while something is half done.
 */
#include <signal.h>
#include <sys/signalfd.h>

#include "util/signal.h"
#include "util/util.h"

static const int fatal[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

static void fill_set(sigset_t *set)
{
	size_t i;

	sigemptyset(set);
	for (i = 0; i < ARRAY_SIZE(fatal); i++)
		sigaddset(set, fatal[i]);
}

static void change_mask(int how)
{
	sigset_t set;

	fill_set(&set);
	/* Whoever is stopped holds its locks, and others wait for them. */
	sigaddset(&set, SIGTSTP);
	sigprocmask(how, &set, NULL);
}

void signals_block(void)
{
	/* That nobody reads what is said ends nothing half way, either. */
	signal(SIGPIPE, SIG_IGN);
	change_mask(SIG_BLOCK);
}

void signals_unblock(void)
{
	change_mask(SIG_UNBLOCK);
}

bool signals_pending(void)
{
	sigset_t set;
	size_t i;

	sigpending(&set);
	for (i = 0; i < ARRAY_SIZE(fatal); i++)
		if (sigismember(&set, fatal[i]))
			return true;
	return false;
}

void signals_catch(void (*handler)(int signal))
{
	struct sigaction action = { .sa_handler = handler };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fatal); i++)
		sigaction(fatal[i], &action, NULL);
	signal(SIGTSTP, SIG_IGN);
}

int signals_fd(void)
{
	sigset_t set;

	fill_set(&set);
	return signalfd(-1, &set, SFD_CLOEXEC);
}
