// SPDX-License-Identifier: GPL-2.0
/*
 * chaos dmesg: what the hypervisor has logged.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/output.h"
#include "xen/xen.h"

#define FIRST_SIZE	32768
#define LOG_MAX		(64 << 20)

/* Return: how much of @size is used, or a negative errno. */
static int64_t read_into(struct xen *xen, char *text, unsigned int size,
			 bool clear, struct error *err)
{
	unsigned int got = size;
	uint32_t index = 0;

	xen_mark(xen);
	if (xc_readconsolering(xen->xch, text, &got, clear, 0, &index))
		return xen_error(xen, err, "log");
	text[got] = '\0';
	return got;
}

/* @text: out: for the caller to free() */
static int read_log(struct xen *xen, bool clear, char **text,
		    struct error *err)
{
	unsigned int size;
	int64_t got;

	for (size = FIRST_SIZE; size <= LOG_MAX; size *= 2) {
		*text = malloc(size + 1);
		if (!*text)
			return error_sys(err, -ENOMEM, "log");
		got = read_into(xen, *text, size, false, err);
		/* There is room for what comes until it is cleared. */
		if (clear && got >= 0 && got < size / 2)
			got = read_into(xen, *text, size, true, err);
		if (got >= 0 && got < (clear ? size / 2 : size))
			return 0;
		free(*text);
		if (got < 0)
			return got;
	}
	return error_set(err, -EFBIG, "log: is larger than %d bytes", LOG_MAX);
}

/* It is text that ends with a newline, but for what dom0 made Xen print. */
static void clean(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text == '\n' || *text == '\t' ||
		    (*text >= ' ' && *text < 0x7f))
			*to++ = *text;
		else if (*text != '\r')
			*to++ = '?';
	}
	*to = '\0';
}

static struct json_object *split_lines(char *text)
{
	struct json_object *lines = json_object_new_array();
	char *line;

	while ((line = strsep(&text, "\n")))
		/* After the last newline there is no line. */
		if (text || *line)
			json_object_array_add(lines,
					      json_object_new_string(line));
	return lines;
}

static int dmesg_main(int argc, char **argv, struct options *options)
{
	bool clear = false;
	struct error err;
	struct xen xen;
	char *text;
	int opt, ret;

	while ((opt = getopt(argc, argv, "c" OPTIONS_COMMON)) != -1) {
		if (opt == 'c')
			clear = true;
		else if (!options_take(options, opt))
			return usage_error(&dmesg_command);
	}
	if (optind != argc)
		return usage_error(&dmesg_command);
	ret = xen_open(&xen, options->verbose, &err);
	if (ret)
		return report("dmesg", NULL, &err);
	ret = read_log(&xen, clear, &text, &err);
	xen_close(&xen);
	if (ret)
		return report("dmesg", NULL, &err);
	clean(text);
	if (options->json)
		print_json(split_lines(text));
	else
		fputs(text, stdout);
	free(text);
	return EXIT_SUCCESS;
}

const struct command dmesg_command = {
	.name = "dmesg",
	.help = "show what Xen has logged",
	.usage = "dmesg [-cjv]",
	.details =
	"Prints the log of the hypervisor: with -j, as an array of lines.\n\n"
	"  -c  clear it, once it has been read\n",
	.main = dmesg_main,
};
