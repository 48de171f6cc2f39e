/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CONFIG_PARSER_H
#define CHAOS_CONFIG_PARSER_H

/*
 * What the files that parse a configuration share; config/config.h is for all
 * others.
 */
#include <libxlutil.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "config/config.h"
#include "util/util.h"

#define CONFIG_KEYS_MAX	256

/**
 * struct parser - a file at work
 * @name: of the file
 * @xlu: its contents
 * @config: what it says
 * @err: for the reason of a failure
 * @key: at which key
 * @line: on which line
 * @rest: what follows the key there
 * @cmdline: value of the key, or NULL
 * @root: likewise
 * @extra: likewise
 * @maxmem: likewise, or 0
 * @maxvcpus: likewise
 * @bootloader: one was asked for, be it right or wrong
 * @lines: on which line a key of the table was first, or 0
 * @wrongs: gets a line for all that is wrong, or NULL: the first one ends it
 * @refusals: likewise, for keys that ask for what no guest can have
 * @nr_wrongs: how many lines both have
 * @is_refusal: what is wrong is such a key
 * @is_hvm: it is for a guest of another kind: nothing else matters
 */
struct parser {
	const char *name;
	XLU_Config *xlu;
	struct guest_config *config;
	struct error *err;
	const char *key;
	unsigned int line;
	const char *rest;
	const char *cmdline;
	const char *root;
	const char *extra;
	unsigned int maxmem;
	unsigned int maxvcpus;
	bool bootloader;
	unsigned int lines[CONFIG_KEYS_MAX];
	FILE *wrongs;
	FILE *refusals;
	unsigned int nr_wrongs;
	bool is_refusal;
	bool is_hvm;
};

/**
 * parser_bad() - say what is wrong with the value of a key
 * @p: the file, at the key
 * @fmt: the words, as for printf()
 *
 * Return: -EINVAL.
 */
__printf(2, 3)
int parser_bad(struct parser *p, const char *fmt, ...);

/**
 * parser_bad_entry() - say what is wrong with an entry of a key's list
 * @p: the file, at the key; the line is the entry's afterwards
 * @entry: which one, from 0 on
 * @why: the words
 *
 * Return: -EINVAL.
 */
int parser_bad_entry(struct parser *p, unsigned int entry, const char *why);

/**
 * parser_hvm() - say that it is a file for an hvm guest
 * @p: the file, at the key that says so
 *
 * Return: -EINVAL.
 */
int parser_hvm(struct parser *p);

/**
 * parser_note() - note what is wrong, if all that is wrong is looked for
 * @p: the file
 * @ret: 0, or what parser_bad() or parser_no_memory() returned
 *
 * Return: 0 to go on, or @ret.
 */
int parser_note(struct parser *p, int ret);

/**
 * parser_no_memory() - say that there is no memory
 * @p: the file, at a key
 *
 * Return: -ENOMEM.
 */
int parser_no_memory(struct parser *p);

/**
 * parser_warn() - note what the user should know, and go on
 * @p: the file, at the key
 * @why: the words
 *
 * Return: 0 or -ENOMEM.
 */
int parser_warn(struct parser *p, const char *why);

/**
 * parser_string() - get the value of a key that must be a string
 * @p: the file, at the key
 * @value: out: valid as long as @p->xlu
 *
 * Return: 0 or -EINVAL.
 */
int parser_string(struct parser *p, const char **value);

/**
 * parser_number() - get the value of a key that must be a number
 * @p: the file, at the key
 * @min: smallest number
 * @max: largest one
 * @value: out
 *
 * Return: 0 or -EINVAL.
 */
int parser_number(struct parser *p, long min, long max, unsigned int *value);

/**
 * parser_path() - get the value of a key that must be a path
 * @p: the file, at the key
 * @path: out: allocated
 *
 * Return: 0, -EINVAL or -ENOMEM.
 */
int parser_path(struct parser *p, char **path);

#endif /* CHAOS_CONFIG_PARSER_H */
