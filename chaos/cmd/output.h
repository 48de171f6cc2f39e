/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CMD_OUTPUT_H
#define CHAOS_CMD_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

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
extern const struct command debug_keys_command;
extern const struct command destroy_command;
extern const struct command dmesg_command;
extern const struct command domid_command;
extern const struct command domname_command;
extern const struct command dump_core_command;
extern const struct command events_command;
extern const struct command list_command;
extern const struct command console_command;
extern const struct command host_command;
extern const struct command info_command;
extern const struct command mem_max_command;
extern const struct command mem_set_command;
extern const struct command pause_command;
extern const struct command pool_command;
extern const struct command reboot_command;
extern const struct command rename_command;
extern const struct command shutdown_command;
extern const struct command sysrq_command;
extern const struct command run_command;
extern const struct command sched_command;
extern const struct command stat_command;
extern const struct command top_command;
extern const struct command unpause_command;
extern const struct command uptime_command;
extern const struct command vcpu_list_command;
extern const struct command vcpu_pin_command;
extern const struct command vcpu_set_command;
extern const struct command version_command;
extern const struct command vif_command;
extern const struct command vbd_command;

/* How chaos itself is called. */
#define SYNOPSIS	"[-jv] COMMAND [ARGUMENT...]; chaos -h | -V"

/* How long a command waits that is to wait, if the user doesn't say. */
#define WAIT_MS		60000

struct option;

/**
 * next_option() - the next option of a command line
 * @argc: count of @argv
 * @argv: the command and its arguments
 * @options: those that it has, as for getopt(), without those that all have
 * @long_options: those that have a name, as for getopt_long(), or NULL
 *
 * One that can't be given like that is what usage_error() tells of.
 *
 * Return: the option, '?' if it is none, -1 if there are no more.
 */
int next_option(int argc, char **argv, const char *options,
		const struct option *long_options);

/**
 * output_as() - what goes wrong is told as the options want it
 * @options: those that were given before the command
 */
void output_as(const struct options *options);

/**
 * options_take() - take an option that every command has
 * @options: out
 * @opt: what getopt() found
 *
 * Return: whether it is one.
 */
bool options_take(struct options *options, int opt);

/**
 * take_words() - take the command line of a command that has no options of its own
 * @argc: count of @argv
 * @argv: the command and its arguments; optind is that of the first word afterwards
 * @options: out
 * @least: how many words there must be
 * @most: how many there may be
 *
 * What is wrong is what usage_error() tells of.
 *
 * Return: whether it is one that can be.
 */
bool take_words(int argc, char **argv, struct options *options, int least,
		int most);

/**
 * usage_error() - tell the user how a command is called, or what is wrong with the
 *	option that next_option() found last
 * @command: the command, or NULL for chaos itself
 *
 * Return: the exit status.
 */
int usage_error(const struct command *command);

/**
 * report() - tell the user why a command failed, in one line
 * @what: the command, or NULL for chaos itself
 * @object: what it was about, or NULL
 * @err: why
 *
 * After -j it is an object with command, object and error, on standard error, too.
 *
 * Return: the exit status.
 */
int report(const char *what, const char *object, const struct error *err);

/**
 * report_warning() - tell the user what he should know, in one line
 * @what: the command
 * @object: what it is about, or NULL
 * @text: what it is
 *
 * After -j it is likewise an object, with warning.
 */
void report_warning(const char *what, const char *object, const char *text);

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
 * has_file() - whether what follows the options is a file, and keys with values
 * @argc: count of @argv
 * @argv: the command line, at optind
 *
 * Return: whether it is.
 */
bool has_file(int argc, char **argv);

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
 * print_json_line() - print a document in one line, and release it
 * @out: where to
 * @doc: the document
 *
 * Return: whether it could be written, as far as one knows before @out is flushed.
 */
bool print_json_line(FILE *out, struct json_object *doc);

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
 * get_wait() - read for how many seconds to wait, after an option "w::"
 * @argc: count of @argv
 * @argv: the command line
 * @ms: out: milliseconds; WAIT_MS if no number follows
 *
 * Return: whether it was an amount of seconds; at most a day.
 */
bool get_wait(int argc, char **argv, int *ms);

/**
 * format_uptime() - write how long something has been there
 * @seconds: how long
 * @text: out
 * @size: of @text; 32 are enough
 *
 * Return: @text, like "01:02:03" or "5 days, 01:02:03".
 */
const char *format_uptime(int64_t seconds, char *text, size_t size);

/**
 * struct row_view - a table of domains, a row for each
 * @header: its first line
 * @print: print a row
 * @keys: what is shown of each besides what row_name() needs, and domid, till NULL; or NULL
 *	for all that List answers
 * @details: they are Info's
 */
struct row_view {
	const char *header;
	void (*print)(struct json_object *row);
	const char *const *keys;
	bool details;
};

/**
 * rows_show() - show the domains that a command line asks for, in cmd/list.c
 * @command: the command, for what is to be told
 * @view: what is shown of them
 * @names: what the user typed, till NULL; none for all guests
 * @all: none for all domains
 * @options: whether in JSON
 *
 * Those that there are not the user is told of.
 *
 * Return: the exit status.
 */
int rows_show(const struct command *command, const struct row_view *view,
	      char **names, bool all, const struct options *options);

/**
 * shares_show() - show how much of the CPUs domains get, in cmd/vcpus.c
 * @guest: which one; NULL: all of them
 * @options: whether in JSON
 *
 * Return: the exit status.
 */
int shares_show(char *guest, const struct options *options);

/**
 * row_name() - what a table calls a domain
 * @row: as List answers it
 *
 * Return: its name, or what there is instead; valid until the next call.
 */
const char *row_name(struct json_object *row);

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
