/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_DAEMON_OPEN_H
#define CHAOS_DAEMON_OPEN_H

#include <stdbool.h>

#include "util/part.h"

/**
 * struct ways - what it was told
 * @may_bind: it takes VIRQ_DOM_EXC, if nobody else has it
 * @history: it writes down what guests use
 * @verbose: it shows what the libraries log
 */
struct ways {
	bool may_bind;
	bool history;
	bool verbose;
};

/**
 * struct daemon_part - what needs libsystemd, which workers and consoles don't
 * @part: of which sources
 * @run: be chaosd until a signal says otherwise; returns an exit status
 */
struct daemon_part {
	struct part part;
	int (*run)(const struct ways *ways);
};

extern const struct daemon_part daemon_part;

#endif /* CHAOS_DAEMON_OPEN_H */
