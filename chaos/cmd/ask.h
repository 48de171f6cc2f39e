/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CMD_ASK_H
#define CHAOS_CMD_ASK_H

#include "cmd/output.h"
#include "util/error.h"

struct json_object;

/**
 * ask() - have something done: by chaosd, or in this process if it doesn't run
 * @method: of chaosd's interface
 * @parameters: of the method; are released
 * @options: of the command line
 * @answer: out: to be released with json_object_put(); of a failure what is said besides, or
 *	NULL. NULL if the caller doesn't care
 * @err: out: the reason of a failure
 *
 * Afterwards signals may be blocked, till ask_end(): so that what was done is told first.
 *
 * Return: 0 or a negative errno.
 */
int ask(const char *method, struct json_object *parameters,
	const struct options *options, struct json_object **answer,
	struct error *err);

/**
 * ask_look() - the same for what changes nothing: it is asked for again if whoever was to do
 *	it has been killed, and signals are left as they are
 * @method: of chaosd's interface
 * @parameters: of the method; are released
 * @options: of the command line
 * @answer: out: as with ask()
 * @err: out: the reason of a failure
 *
 * Return: as ask().
 */
int ask_look(const char *method, struct json_object *parameters,
	     const struct options *options, struct json_object **answer,
	     struct error *err);

/**
 * ask_again() - the same for what may be done twice, if nobody knows whether it was
 * @method: of chaosd's interface
 * @parameters: of the method; are released
 * @options: of the command line
 * @gone: if there is no such guest the second time, it was done the first time
 * @err: out: the reason of a failure
 *
 * Whoever was to do it may have been killed before he answered.
 *
 * Return: as ask().
 */
int ask_again(const char *method, struct json_object *parameters,
	      const struct options *options, bool gone, struct error *err);

/**
 * ask_more() - the same as ask() for what has many answers
 * @method: of chaosd's interface
 * @parameters: of the method; are released
 * @options: of the command line
 * @tell: called for each answer but the last
 * @arg: for @tell
 * @answer: out: the last one, as with ask()
 * @err: out: the reason of a failure
 *
 * Return: as ask().
 */
int ask_more(const char *method, struct json_object *parameters,
	     const struct options *options,
	     void (*tell)(struct json_object *answer, void *arg), void *arg,
	     struct json_object **answer, struct error *err);

/**
 * ask_all() - have the same done to all guests at a time, which may be done twice
 * @method: of chaosd's interface
 * @parameters: of the method; are released
 * @options: of the command line
 * @tell: called for each guest that it fails for
 * @arg: for @tell
 * @err: out: the reason of a failure
 *
 * Return: how many it failed for, or a negative errno.
 */
int ask_all(const char *method, struct json_object *parameters,
	    const struct options *options,
	    void (*tell)(struct json_object *answer, void *arg), void *arg,
	    struct error *err);

/**
 * ask_of() - begin to ask for something
 * @guest: which guest it is about
 *
 * Return: parameters.
 */
struct json_object *ask_of(const char *guest);

/**
 * ask_report() - tell the user why it couldn't be done, if that is so, and end
 * @command: the command
 * @guest: which guest it was about
 * @ret: what asking for it returned
 * @err: why
 *
 * Return: the exit status.
 */
int ask_report(const struct command *command, const char *guest, int ret,
	       const struct error *err);

/**
 * ask_end() - the user knows what became of it
 */
void ask_end(void);

#endif /* CHAOS_CMD_ASK_H */
