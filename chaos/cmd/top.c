// SPDX-License-Identifier: GPL-2.0
/*
 * chaos top: what guests use, on a terminal, again and again; keys say which come first.
 * What there is to see is in cmd/screen.c.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <termios.h>
#include <unistd.h>

#include "cmd/counts.h"
#include "cmd/output.h"
#include "cmd/screen.h"
#include "util/json.h"
#include "util/number.h"
#include "util/signal.h"
#include "util/util.h"

#define DEFAULT_INTERVAL_MS	2000
/* What comes first is there soon. */
#define FIRST_INTERVAL_MS	500
#define TIMES_MAX		999999999
/* Where there is no terminal, lines are as long as they are, and as many. */
#define UNLIMITED		32767
#define HEAD_ROWS		3

#define CURSOR_HIDE	"\033[?25l"
#define CURSOR_SHOW	"\033[?25h"
#define CURSOR_HOME	"\033[H"
#define CLEAR_BELOW	"\033[J"

/**
 * struct top - a terminal that shows guests
 * @options: of the command line
 * @screen: what has to be fitted
 * @has_keys: standard input is a terminal, too
 * @saved: how it was
 * @interval: between two looks, in ms
 * @quit: the user wants to end it
 */
struct top {
	const struct options *options;
	struct screen screen;
	bool has_keys;
	struct termios saved;
	int interval;
	bool quit;
};

/* Whoever ends it may have to do that while it waits for chaosd. */
static const struct top *shown_top;

/* That it comes is enough: whoever waits stops waiting. */
static void resized(int signal)
{
	(void)signal;
}

/* The terminal is as it was, whatever else was going on. */
static void leave(int signal)
{
	(void)signal;
	if (shown_top->has_keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &shown_top->saved);
	(void)!write(STDOUT_FILENO, CURSOR_SHOW, strlen(CURSOR_SHOW));
	_exit(EXIT_SUCCESS);
}

/* Keys are read one by one, and not shown. */
static void begin(struct top *top)
{
	struct sigaction action = { .sa_handler = resized };
	struct termios raw;

	top->screen.is_tty = isatty(STDOUT_FILENO);
	top->has_keys = top->screen.is_tty && isatty(STDIN_FILENO) &&
			!tcgetattr(STDIN_FILENO, &top->saved);
	if (!top->screen.is_tty)
		return;
	sigaction(SIGWINCH, &action, NULL);
	shown_top = top;
	signals_catch(leave);
	fputs(CURSOR_HIDE CURSOR_HOME CLEAR_BELOW, stdout);
	fflush(stdout);
	if (!top->has_keys)
		return;
	raw = top->saved;
	raw.c_lflag &= ~(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

static void end(struct top *top)
{
	if (!top->screen.is_tty)
		return;
	fputs(CURSOR_SHOW, stdout);
	fflush(stdout);
	if (top->has_keys)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &top->saved);
}

static void measure(struct screen *screen)
{
	struct winsize size;

	screen->rows = UNLIMITED;
	screen->columns = UNLIMITED;
	if (!screen->is_tty)
		return;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row ||
	    !size.ws_col) {
		size.ws_row = 24;
		size.ws_col = 80;
	}
	/* The last line stays empty, as the cursor is there. */
	screen->rows = size.ws_row - 1 - HEAD_ROWS;
	screen->columns = size.ws_col;
}

static void print_summary(FILE *out, const struct top *top,
			  const struct counts *counts)
{
	size_t count = json_object_array_length(counts->guests), i;
	struct utsname host = { 0 };
	char text[512], uptime[32];
	double percent = 0;

	for (i = 0; i < count; i++)
		percent += doc_get_fraction(json_object_array_get_idx(counts->guests, i),
					    "cpu_percent");
	uname(&host);
	format_uptime(boot_ms() / 1000, uptime, sizeof(uptime));
	snprintf(text, sizeof(text),
		 "%.64s, up %s: %zu guests, CPU %.1f %%, %lld MiB free",
		 host.nodename, uptime, count, percent,
		 (long long)counts->free_memory);
	screen_line(out, &top->screen, text);
	if (!top->has_keys)
		return;
	snprintf(text, sizeof(text),
		 "by %s%s: c CPU, m memory, n network, d disk, N name, i domid, r reverse; q quit",
		 order_name(top->screen.order),
		 top->screen.reverse ? ", reversed" : "");
	screen_line(out, &top->screen, text);
	screen_line(out, &top->screen, "");
}

/* In one piece, over what was there: nothing flickers. */
static void show(struct top *top, const struct counts *counts)
{
	char *text = NULL;
	size_t size;
	FILE *out;

	measure(&top->screen);
	out = open_memstream(&text, &size);
	if (!out)
		return;
	if (top->screen.is_tty)
		fputs(CURSOR_HOME, out);
	print_summary(out, top, counts);
	screen_guests(out, &top->screen, counts->guests);
	if (top->screen.is_tty)
		fputs(CLEAR_BELOW, out);
	if (!fclose(out))
		fwrite(text, 1, size, stdout);
	free(text);
	fflush(stdout);
}

/* What was typed. A terminal that is gone ends it, too. */
static void take_keys(struct top *top)
{
	char keys[16];
	ssize_t len, i;

	len = read(STDIN_FILENO, keys, sizeof(keys));
	if (len < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (len <= 0)
		top->quit = true;
	for (i = 0; i < len; i++)
		if (keys[i] == 'q')
			top->quit = true;
		else
			(void)screen_key(&top->screen, keys[i]);
}

/* Until it is time for another look; what is typed shows at once. */
static void wait_and_show(struct top *top, const struct counts *counts)
{
	bool soon = top->screen.is_tty && !counts->guests &&
		    top->interval > FIRST_INTERVAL_MS;
	int64_t deadline = clock_ms() +
			   (soon ? FIRST_INTERVAL_MS : top->interval);
	int64_t left;
	struct pollfd pfd = {
		.fd = top->has_keys ? STDIN_FILENO : -1, .events = POLLIN,
	};
	int ret;

	while (!top->quit) {
		left = deadline - clock_ms();
		if (left <= 0)
			return;
		ret = poll(&pfd, 1, left);
		if (!ret)
			return;
		if (ret > 0)
			take_keys(top);
		if (!top->quit && counts->guests)
			show(top, counts);
	}
}

/* @times: how often, or 0 for ever */
static int repeat(struct top *top, unsigned int times, struct error *err)
{
	struct counts former = { 0 }, counts = { 0 };
	unsigned int n;
	int ret;

	ret = counts_ask(top->options, &former, err);
	for (n = 0; !ret && !ferror(stdout) && (!times || n < times); n++) {
		wait_and_show(top, &counts);
		if (top->quit)
			break;
		ret = counts_ask(top->options, &counts, err);
		if (ret)
			break;
		counts_rate(&counts, &former);
		show(top, &counts);
		counts_free(&former);
		former = counts;
	}
	counts_free(&former);
	return ret;
}

static int top_main(int argc, char **argv, struct options *options)
{
	struct top top = {
		.interval = DEFAULT_INTERVAL_MS, .options = options,
	};
	unsigned int times = isatty(STDOUT_FILENO) ? 0 : 1;
	int opt, ret;
	struct error err;

	while ((opt = next_option(argc, argv, "d:n:o:", NULL)) != -1)
		if (opt == 'd' ? !get_seconds(optarg, &top.interval) :
		    opt == 'n' ? !number_parse(optarg, 1, TIMES_MAX, &times) :
		    opt == 'o' ? !order_parse(optarg, &top.screen.order) :
				 !options_take(options, opt))
			return usage_error(&top_command);
	if (optind != argc || options->json)
		return usage_error(&top_command);
	begin(&top);
	ret = repeat(&top, times, &err);
	end(&top);
	return ret ? report("top", NULL, &err) : EXIT_SUCCESS;
}

const struct command top_command = {
	.name = "top",
	.help = "show which guests use most, again and again",
	.usage = "top [-v] [-d SECONDS] [-n COUNT] [-o ORDER]",
	.details =
	"Shows the guests of chaos on the terminal, as many as fit, those who use most CPU\n"
	"first: how much of a CPU and how much memory each uses, and what goes through its\n"
	"network devices and its disks in a second, in octets. Without a terminal it does so\n"
	"once. Keys: c, m, n, d, N, i put those first who use most CPU, memory, network,\n"
	"disk, or by name, or by domid; r reverses that; q ends it.\n\n"
	"  -d SECONDS  between two looks, of which it shows the difference (2)\n"
	"  -n COUNT    how often it looks\n"
	"  -o ORDER    cpu, memory, net, disk, name or domid\n",
	.main = top_main,
};
