/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_GUEST_POLICY_H
#define CHAOS_GUEST_POLICY_H

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
 * policy_action() - what a guest's configuration says is to be done with it
 * @config: the guest
 * @ending: why it ended
 *
 * Return: the action.
 */
enum config_action policy_action(const struct guest_config *config,
				 enum ending ending);

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
