// SPDX-License-Identifier: GPL-2.0
/*
 * chaos host: what the host is, has and can do; chaos debug-keys, what its hypervisor is to
 * log besides.
 */
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/ask.h"
#include "cmd/output.h"
#include "util/json.h"

static void warn_of_faults(struct json_object *host)
{
	const char *fixed = doc_get_text(host, "xen_fixed");
	char text[512];

	if (!*fixed)
		return;
	snprintf(text, sizeof(text),
		 "Xen %s has faults by which guests can do harm, and %s has not",
		 doc_get_text(host, "xen"), fixed);
	report_warning("host", NULL, text);
}

static int host_main(int argc, char **argv, struct options *options)
{
	struct json_object *answer, *host;
	struct error err;
	int ret;

	if (!take_words(argc, argv, options, 0, 0))
		return usage_error(&host_command);
	ret = ask_look("Host", json_object_new_object(), options, &answer,
		       &err);
	if (!ret) {
		host = json_object_object_get(answer, "host");
		warn_of_faults(host);
		json_object_get(host);
		ret = options->json ? print_json(host) : print_values(host);
	} else {
		ret = report("host", NULL, &err);
	}
	json_object_put(answer);
	return ret;
}

static int debug_keys_main(int argc, char **argv, struct options *options)
{
	struct json_object *parameters;
	struct error err;
	int ret;

	if (!take_words(argc, argv, options, 1, 1) || !*argv[optind])
		return usage_error(&debug_keys_command);
	parameters = json_object_new_object();
	doc_text(parameters, "keys", argv[optind]);
	ret = ask("DebugKeys", parameters, options, NULL, &err);
	return ask_report(&debug_keys_command, NULL, ret, &err);
}

const struct command host_command = {
	.name = "host",
	.help = "show what the host is, has and can do",
	.usage = "host [-jv]",
	.details =
	"Prints what \"chaos version\" does, and the host's CPUs and memory, in MiB: all of\n"
	"it, what is free, what guests and pools have, and what domains have that are being\n"
	"destroyed; and what Xen can do and was told to do. Warns if Xen has known faults.\n",
	.main = host_main,
};

const struct command debug_keys_command = {
	.name = "debug-keys",
	.help = "have Xen do what keys on its console do",
	.usage = "debug-keys [-v] KEYS",
	.details =
	"Has the hypervisor do what each of KEYS does on its console; \"chaos dmesg\" shows\n"
	"what it says. \"h\" lists the keys. Some do harm: \"R\" reboots the host.\n",
	.main = debug_keys_main,
};
