/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_GUEST_POLICY_H
#define CHAOS_GUEST_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "xen/reason.h"

/*
 * A guest that ends soon after its start, again and again, is made again later
 * and later: at once, then after 1, 2, 4, ... seconds, at most POLICY_DELAY_MAX.
 * One that lived for POLICY_LONG_LIFE begins anew. The same holds for what
 * chaosd couldn't do, and tries again.
 */
#define POLICY_DELAY_FIRST	1000	/* ms */
#define POLICY_DELAY_MAX	300000
#define POLICY_LONG_LIFE	600000

/**
 * policy_key() - the key of the configuration that says what to do
 * @ending: why the guest ended
 *
 * Return: the key, or NULL if the guest is to be left as it is.
 */
const char *policy_key(enum ending ending);

/**
 * enum run_status - how a guest ended that was run, as the exit status of "chaos run" says;
 *	chaos(1) has a table of them, which a test compares
 * @RUN_OVER: it powered itself off, or rebooted
 * @RUN_AGAIN: it is to be started again
 * @RUN_CRASHED: it crashed
 * @RUN_KILLED: others destroyed it
 * @RUN_FORCED: it didn't shut down in time
 * @RUN_SUSPENDED: it suspended itself
 */
enum run_status {
	RUN_OVER = 0,
	RUN_AGAIN = 3,
	RUN_CRASHED = 4,
	RUN_KILLED = 5,
	RUN_FORCED = 6,
	RUN_SUSPENDED = 7,
};

/**
 * policy_of_run() - what chaosd does with a guest that is run
 * @ending: why it ended
 * @action: what its configuration says
 *
 * Return: CONFIG_DESTROY or CONFIG_PRESERVE: to start it again is for others.
 */
enum config_action policy_of_run(enum ending ending,
				 enum config_action action);

/**
 * policy_status() - how a guest that is run ended
 * @ending: why
 * @action: what its configuration says
 * @again: it may be started again; not if it was told to end
 *
 * Return: enum run_status.
 */
int policy_status(enum ending ending, enum config_action action, bool again);

/**
 * policy_delay() - how long to wait before something is done again
 * @times: how often it was done, without success, before
 *
 * Return: milliseconds.
 */
unsigned int policy_delay(unsigned int times);

/**
 * policy_restarts() - how often in a row a guest is made again, from now on
 * @restarts: how often it was, until now
 * @lived_ms: how long it lived this time; less than 0 if the clock was changed
 *
 * Return: the number.
 */
unsigned int policy_restarts(unsigned int restarts, int64_t lived_ms);

#endif /* CHAOS_GUEST_POLICY_H */
