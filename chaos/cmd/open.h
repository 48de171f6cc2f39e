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
 * @verb_all: local_verb_all()
 */
struct local_part {
	struct part part;
	int (*command)(const char *name, const struct options *options,
		       const struct command **command, struct error *err);
	int (*drainer)(int argc, char **argv);
	int (*verb)(const char *method, struct json_object *parameters,
		    bool verbose, struct json_object **answer,
		    struct error *err);
	int (*verb_all)(const char *method, struct json_object *parameters,
			bool verbose,
			void (*tell)(struct json_object *answer, void *arg),
			void *arg, struct json_object **answer,
			struct error *err);
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
 * local_verb_all() - the same for what is done to all guests at a time: see verb_do_all()
 * @method: what is done to each
 * @parameters: of the method that is about all of them
 * @verbose: show what the libraries log, on standard error
 * @tell: called for each guest that it fails for
 * @arg: for @tell
 * @answer: out: to be released with json_object_put(), unless this fails
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int local_verb_all(const char *method, struct json_object *parameters,
		   bool verbose,
		   void (*tell)(struct json_object *answer, void *arg),
		   void *arg, struct json_object **answer, struct error *err);

#endif /* CHAOS_CMD_OPEN_H */
