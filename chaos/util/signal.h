/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_UTIL_SIGNAL_H
#define CHAOS_UTIL_SIGNAL_H

#include <stdbool.h>

/**
 * signals_block() - keep signals that end a process from doing it
 *
 * So that what has been begun is finished or undone. Between two steps,
 * signals_pending() tells that one has come.
 */
void signals_block(void);

/**
 * signals_unblock() - let signals through again, also those that have come
 */
void signals_unblock(void);

/**
 * signals_pending() - whether a signal wants to end the process
 *
 * Return: whether one has come since signals_block().
 */
bool signals_pending(void);

/**
 * signals_catch() - have such a signal handled, and not stop the process
 * @handler: what it does may be done at any moment: see signal-safety(7)
 */
void signals_catch(void (*handler)(int signal));

/**
 * signals_fd() - a file that becomes readable with signals_pending()
 *
 * Return: a file descriptor, or -1.
 */
int signals_fd(void);

#endif /* CHAOS_UTIL_SIGNAL_H */
