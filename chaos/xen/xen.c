// SPDX-License-Identifier: GPL-2.0
/*
 * Access to the hypervisor, and what its libraries say when they fail. They
 * log the reason and return -1, often with a useless errno: so the first
 * error that they log is kept for the one line that the user gets.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xentoollog.h>

#include "util/util.h"
#include "xen/xen.h"

#define LIST_BATCH	512

/**
 * struct xen_log - takes what the libraries log
 * @vtable: libxentoollog's interface; first
 * @verbose: show it, too
 * @text: the first error since xen_mark()
 */
struct xen_log {
	xentoollog_logger vtable;
	bool verbose;
	char text[384];
};

__printf(5, 0)
static void log_message(xentoollog_logger *logger, xentoollog_level level,
			int errnum, const char *context, const char *format,
			va_list args)
{
	struct xen_log *log = (struct xen_log *)logger;
	char text[384];
	size_t len;

	vsnprintf(text, sizeof(text), format, args);
	len = strlen(text);
	while (len && text[len - 1] == '\n')
		text[--len] = '\0';
	if (errnum >= 0)
		snprintf(text + len, sizeof(text) - len, ": %s",
			 strerror(errnum));
	if (log->verbose)
		fprintf(stderr, "%s: %s\n", context ? context : "xen", text);
	if (level >= XTL_ERROR && !*log->text)
		memcpy(log->text, text, sizeof(text));
}

static void log_progress(xentoollog_logger *logger, const char *context,
			 const char *what, int percent, unsigned long done,
			 unsigned long total)
{
	(void)logger;
	(void)context;
	(void)what;
	(void)percent;
	(void)done;
	(void)total;
}

static void log_destroy(xentoollog_logger *logger)
{
	free(logger);
}

void xen_mark(struct xen *xen)
{
	xen->log->text[0] = '\0';
}

/* Skip "panic: ", "xg_dom_core.c:689: " and "xc_dom_find_loader: ". */
static const char *skip_places(const char *text)
{
	const char *at;

	if (!strncmp(text, "panic: ", 7))
		text += 7;
	while (*text) {
		for (at = text; isalnum((unsigned char)*at) || *at == '_' ||
		     *at == '.'; at++)
			;
		if (!strncmp(at, ":", 1) && isdigit((unsigned char)at[1]))
			at += 1 + strspn(at + 1, "0123456789");
		else if (!memchr(text, '_', at - text))
			break;
		if (strncmp(at, ": ", 2))
			break;
		text = at + 2;
	}
	return text;
}

int xen_error(struct xen *xen, struct error *err, const char *what, ...)
{
	int ret = errno ? -errno : -EIO;
	char text[PATH_MAX];
	va_list args;

	va_start(args, what);
	vsnprintf(text, sizeof(text), what, args);
	va_end(args);
	if (!*xen->log->text)
		return error_sys(err, ret, "%s", text);
	return error_set(err, ret, "%s: %s", text,
			 skip_places(xen->log->text));
}

int xen_open(struct xen *xen, bool verbose, struct error *err)
{
	int ret;

	xen->log = calloc(1, sizeof(*xen->log));
	if (!xen->log)
		return error_sys(err, -ENOMEM, "xen");
	xen->log->vtable.vmessage = log_message;
	xen->log->vtable.progress = log_progress;
	xen->log->vtable.destroy = log_destroy;
	xen->log->verbose = verbose;
	xen->xch = xc_interface_open(&xen->log->vtable, &xen->log->vtable, 0);
	if (!xen->xch) {
		ret = errno ? -errno : -EIO;
		free(xen->log);
		return error_sys(err, ret, "xen: cannot reach the hypervisor");
	}
	return 0;
}

void xen_close(struct xen *xen)
{
	xc_interface_close(xen->xch);
	free(xen->log);
}

int xen_info(struct xen *xen, uint32_t domid, xc_domaininfo_t *info)
{
	int count;

	/* It starts at @domid, and takes the next one if that is absent. */
	count = xc_domain_getinfolist(xen->xch, domid, 1, info);
	if (count < 0)
		return -errno;
	if (!count || info->domain != domid)
		return -ESRCH;
	return 0;
}

int xen_list(struct xen *xen, xc_domaininfo_t **infos, struct error *err)
{
	xc_domaininfo_t *more;
	size_t total = 0;
	uint32_t next = 0;
	int count;

	*infos = NULL;
	do {
		more = realloc(*infos, (total + LIST_BATCH) * sizeof(*more));
		if (!more) {
			free(*infos);
			return error_sys(err, -ENOMEM, "list of domains");
		}
		*infos = more;
		xen_mark(xen);
		count = xc_domain_getinfolist(xen->xch, next, LIST_BATCH,
					      more + total);
		if (count < 0) {
			free(*infos);
			return xen_error(xen, err, "list of domains");
		}
		total += count;
		if (count)
			next = more[total - 1].domain + 1;
	} while (count == LIST_BATCH);
	return total;
}

bool xen_is_domain(struct xen *xen, uint32_t domid, const uint8_t *handle)
{
	xc_domaininfo_t info;
	int ret = xen_info(xen, domid, &info);

	if (ret)
		return ret != -ESRCH;
	return !memcmp(info.handle, handle, UUID_SIZE);
}

bool xen_is_fresh(const xc_domaininfo_t *info)
{
	return !(info->flags & (XEN_DOMINF_dying | XEN_DOMINF_shutdown)) &&
	       info->flags & XEN_DOMINF_paused && !info->cpu_time;
}

const char *xen_state(const xc_domaininfo_t *info)
{
	unsigned int reason = (info->flags >> XEN_DOMINF_shutdownshift) &
			      XEN_DOMINF_shutdownmask;

	if (info->flags & XEN_DOMINF_dying)
		return "dying";
	if (info->flags & XEN_DOMINF_shutdown)
		return reason == SHUTDOWN_crash ? "crashed" : "shutdown";
	if (info->flags & XEN_DOMINF_paused)
		return "paused";
	if (info->flags & XEN_DOMINF_blocked)
		return "blocked";
	return "running";
}
