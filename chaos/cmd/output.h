/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CMD_OUTPUT_H
#define CHAOS_CMD_OUTPUT_H

#include <stdbool.h>

#include "util/chaos.h"
#include "util/error.h"

struct guest_config;
struct json_object;

/**
 * struct options - what holds for every command
 * @json: print JSON
 * @verbose: show what the libraries log
 */
struct options {
	bool json;
	bool verbose;
};

/**
 * struct command - a command of chaos
 * @name: as the user types it
 * @help: what it does, in a line
 * @usage: its arguments, in a line
 * @details: what they mean, in lines
 * @main: does it; argv[0] is its name; returns the exit status
 */
struct command {
	const char *name;
	const char *help;
	const char *usage;
	const char *details;
	int (*main)(int argc, char **argv, struct options *options);
};

extern const struct command create_command;
extern const struct command destroy_command;
extern const struct command dmesg_command;
extern const struct command events_command;
extern const struct command list_command;
extern const struct command console_command;
extern const struct command info_command;
extern const struct command pause_command;
extern const struct command pool_command;
extern const struct command reboot_command;
extern const struct command rename_command;
extern const struct command shutdown_command;
extern const struct command sysrq_command;
extern const struct command run_command;
extern const struct command stat_command;
extern const struct command unpause_command;
extern const struct command version_command;
extern const struct command vif_command;
extern const struct command vbd_command;

/* For getopt(): the options that options_take() takes. */
#define OPTIONS_COMMON	"jv"

/**
 * options_take() - take an option that every command has
 * @options: out
 * @opt: what getopt() found
 *
 * Return: whether it is one.
 */
bool options_take(struct options *options, int opt);

/**
 * usage_error() - tell the user how a command is called
 * @command: the command
 *
 * Return: the exit status.
 */
int usage_error(const struct command *command);

/**
 * report() - tell the user why a command failed, in one line
 * @what: the command
 * @object: what it was about, or NULL
 * @err: why
 *
 * Return: the exit status.
 */
int report(const char *what, const char *object, const struct error *err);

/**
 * report_config() - tell the user why a configuration file can't be read
 * @what: the command
 * @wrongs: all that is wrong with it, a line each, from config_read(); is freed;
 *	NULL if it is something else
 * @err: why
 *
 * Return: the exit status.
 */
int report_config(const char *what, char *wrongs, const struct error *err);

/**
 * report_warnings() - tell the user what in a configuration file is ignored
 * @what: the command
 * @config: what the file says
 */
void report_warnings(const char *what, const struct guest_config *config);

/**
 * print_json() - print a document, and release it
 * @doc: the document
 *
 * Return: the exit status.
 */
int print_json(struct json_object *doc);

/**
 * shown() - what a table shows of a value
 * @doc: the object that has it
 * @key: which one
 *
 * Return: its text, which lives as long as the object, or "-".
 */
const char *shown(struct json_object *doc, const char *key);

/**
 * print_values() - print a document for people, and release it
 * @doc: the document
 *
 * A line for each value, with its path.
 *
 * Return: the exit status.
 */
int print_values(struct json_object *doc);

/**
 * get_seconds() - read an amount of seconds
 * @text: what the user typed
 * @ms: out: milliseconds
 *
 * Return: whether it was one; at most a day.
 */
bool get_seconds(const char *text, int *ms);

/**
 * console_connect() - connect to a guest's console
 * @arg: name or domid
 * @verbose: show what the libraries log, on standard error
 * @err: out: the reason of a failure
 *
 * If the process that serves it has died, it is started again.
 *
 * Return: a socket or a negative errno.
 */
int console_connect(const char *arg, bool verbose, struct error *err);

/**
 * console_attach() - connect the user's terminal to a guest's console
 * @sock: from console_connect(); is closed
 *
 * Until the user types ^], or the console ends. If standard input isn't a
 * terminal, its end doesn't end this.
 *
 * Return: the exit status.
 */
int console_attach(int sock);

#endif /* CHAOS_CMD_OUTPUT_H */
