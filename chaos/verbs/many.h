/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_VERBS_MANY_H
#define CHAOS_VERBS_MANY_H

#include <stdbool.h>

#include "util/error.h"
#include "verbs/verbs.h"

struct json_object;

/*
 * Many guests from one configuration: all of them, or none. It is a row of verbs, some of
 * which may be done at the same time: the configuration is looked at, each guest is made,
 * and left paused; when all are there, each is let run, and waited for. If one of that
 * fails, each guest is removed again.
 *
 * Here is only what comes next. Who does it is the caller's business: chaosd has workers
 * (daemon/request.c); where it doesn't run, many_do() does one after the other.
 */
struct many;

/**
 * many_begin() - begin to make many guests
 * @parameters: of CreateMany; the caller keeps them
 * @side: how many verbs may be done at the same time
 *
 * Return: them, to be given to many_end(); NULL if there is no memory.
 */
struct many *many_begin(struct json_object *parameters, unsigned int side);

/**
 * many_next() - what is to be done next
 * @many: the guests
 * @member: out: for many_done()
 * @method: out: of the verb
 * @parameters: out: of the verb, for the caller to release
 *
 * Return: whether there is something that can be done before what is being done already.
 */
bool many_next(struct many *many, unsigned int *member, const char **method,
	       struct json_object **parameters);

/**
 * many_done() - what was next has been done
 * @many: the guests
 * @member: from many_next()
 * @ret: 0 or a negative errno
 * @answer: of the verb; of a failure what is said besides, or NULL; the caller keeps it
 * @err: the reason of a failure
 *
 * Return: what is told of a guest that was made by that, for the caller to release; or NULL.
 */
struct json_object *many_done(struct many *many, unsigned int member, int ret,
			      struct json_object *answer,
			      const struct error *err);

/**
 * many_stop() - nobody waits for them any longer: they are to be removed again
 * @many: the guests
 *
 * Return: whether what is being done is to be given up; what removes them isn't.
 */
bool many_stop(struct many *many);

/**
 * many_ended() - whether there is nothing left to do
 * @many: the guests
 *
 * Return: whether.
 */
bool many_ended(const struct many *many);

/**
 * many_end() - tell what became of them
 * @many: the guests; are released
 * @answer: out: what is answered, also of a failure, for the caller to release
 * @err: out: the reason of a failure
 *
 * Return: 0, or a negative errno and there is none of them, unless @err says so.
 */
int many_end(struct many *many, struct json_object **answer,
	     struct error *err);

/**
 * many_do() - make many guests here, one after the other
 * @access: to the host
 * @parameters: of CreateMany; the caller keeps them
 * @tell: called for each that is made
 * @arg: for @tell
 * @answer: out: what is answered, to be released with json_object_put(), also of a failure
 * @err: out: the reason of a failure
 *
 * Return: as many_end().
 */
int many_do(struct access *access, struct json_object *parameters,
	    void (*tell)(struct json_object *answer, void *arg), void *arg,
	    struct json_object **answer, struct error *err);

#endif /* CHAOS_VERBS_MANY_H */
