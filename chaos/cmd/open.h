/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CMD_OPEN_H
#define CHAOS_CMD_OPEN_H

#include <stdbool.h>

#include "cmd/output.h"
#include "util/error.h"
#include "util/part.h"

struct json_object;

/**
 * struct local_part - what chaos does itself, with Xen's libraries: the commands that
 *	chaosd isn't asked for, and the others where it doesn't run
 * @part: of which sources
 * @command: local_command()
 * @drainer: local_drainer()
 * @verb: local_verb()
 * @verb_more: local_verb_more()
 * @console: local_console()
 * @attach: local_attach()
 */
struct local_part {
	struct part part;
	int (*command)(const char *name, const struct options *options,
		       const struct command **command, struct error *err);
	int (*drainer)(int argc, char **argv);
	int (*verb)(const char *method, struct json_object *parameters,
		    bool verbose, struct json_object **answer,
		    struct error *err);
	int (*verb_more)(const char *method, struct json_object *parameters,
			 bool verbose,
			 void (*tell)(struct json_object *answer, void *arg),
			 void *arg, struct json_object **answer,
			 struct error *err);
	int (*console)(const char *guest, bool verbose, struct error *err);
	int (*attach)(int sock);
};

extern const struct local_part local_part;

/**
 * local_command() - a command that chaosd isn't asked for
 * @name: as the user types it
 * @options: those before it
 * @command: out
 * @err: out: why it can't be had
 *
 * Return: 0 or a negative errno.
 */
int local_command(const char *name, const struct options *options,
		  const struct command **command, struct error *err);

/**
 * local_drainer() - be a console's process: see console/drainer.h
 * @argc: count of @argv
 * @argv: what it was started with
 *
 * Return: exit status.
 */
int local_drainer(int argc, char **argv);

/**
 * local_verb() - do in this process what chaosd would do: see verbs/verbs.h
 * @method: of chaosd's interface
 * @parameters: of the method
 * @verbose: show what the libraries log, on standard error
 * @answer: out: as with verb_step(); left alone if there are no verbs
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int local_verb(const char *method, struct json_object *parameters,
	       bool verbose, struct json_object **answer, struct error *err);

/**
 * local_verb_more() - the same for what has many answers: see verb_do_more()
 * @method: of chaosd's interface
 * @parameters: of the method
 * @verbose: show what the libraries log, on standard error
 * @tell: called for each answer but the last
 * @arg: for @tell
 * @answer: out: the last one, as with local_verb()
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int local_verb_more(const char *method, struct json_object *parameters,
		    bool verbose,
		    void (*tell)(struct json_object *answer, void *arg),
		    void *arg, struct json_object **answer, struct error *err);

/**
 * local_console() - connect to a guest's console: see console_connect()
 * @guest: name or domid
 * @verbose: show what the libraries log, on standard error
 * @err: out: the reason of a failure
 *
 * Return: a socket or a negative errno.
 */
int local_console(const char *guest, bool verbose, struct error *err);

/**
 * local_attach() - connect a console and the user's terminal: see console_attach()
 * @sock: from local_console(); is closed
 *
 * Return: exit status.
 */
int local_attach(int sock);

#endif /* CHAOS_CMD_OPEN_H */
