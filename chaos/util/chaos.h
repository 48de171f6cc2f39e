/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_UTIL_CHAOS_H
#define CHAOS_UTIL_CHAOS_H

/*
 * What all of chaos and chaosd agree on.
 */
#define CHAOS_VERSION	"0.1"

/* What this was compiled from, for those who go on with what others have begun. */
#ifndef CHAOS_BUILD
#define CHAOS_BUILD	CHAOS_VERSION
#endif
/* Where parts of chaos are that are opened when they're needed: util/part.h. */
#ifndef CHAOS_LIBDIR
#define CHAOS_LIBDIR	"/usr/lib/chaos"
#endif

/* Exit status of a command that was called wrongly; else EXIT_SUCCESS/FAILURE. */
#define EXIT_USAGE	2

#ifndef CHAOS_RUN_DIR
#define CHAOS_RUN_DIR	"/run/chaos"
#endif
#ifndef CHAOS_LOG_DIR
#define CHAOS_LOG_DIR	"/var/log/chaos"
#endif
/* What stays when the host is booted again. */
#ifndef CHAOS_KEEP_DIR
#define CHAOS_KEEP_DIR	"/var/lib/chaos"
#endif

/* See guest/record.h for what is in them. */
#define STATE_NAMES_DIR		CHAOS_RUN_DIR "/names"
#define STATE_DOMAINS_DIR	CHAOS_RUN_DIR "/domains"
#define STATE_CONSOLE_DIR	CHAOS_RUN_DIR "/console"
#define STATE_SHELLS_DIR	CHAOS_RUN_DIR "/shells"
#define KEEP_POOLS_DIR		CHAOS_KEEP_DIR "/pools"

#define DAEMON_SOCKET		CHAOS_RUN_DIR "/chaosd.sock"
#define DAEMON_GROUP		"chaos"
#define DAEMON_INTERFACE	"org.noxs.chaos"
#define DAEMON_REQUEST_MAX	163840	/* octets of a call, its NUL included */
#define DAEMON_ANSWER_MAX	163840	/* octets of an answer, likewise */
#define DAEMON_GUESTS_MAX	9999	/* that are made by one call */
#define DAEMON_CLIENTS_MAX	64	/* without those that get events */

#endif /* CHAOS_UTIL_CHAOS_H */
