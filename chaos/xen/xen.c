// SPDX-License-Identifier: GPL-2.0
/*
 * Access to the hypervisor, and what its libraries say when they fail. They
 * log the reason and return -1, often with a useless errno: so the first
 * error that they log is kept for the one line that the user gets.
 */
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenctrl.h>
#include <xentoollog.h>

#include "util/util.h"
#include "xen/xen.h"

#define LIST_BATCH	512

static_assert(DOMIDS == DOMID_FIRST_RESERVED, "Xen has other domids");

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

/*
 * The libraries speak to the Xen that they were released with, and to no other, which
 * says "Permission denied" to nearly all.
 */
static int check_release(struct xen *xen, struct error *err)
{
	int version = xc_version(xen->xch, XENVER_version, NULL);
	char release[32];

	if (version < 0)
		return xen_error(xen, err, "xen");
	snprintf(release, sizeof(release), "%d.%d", version >> 16,
		 version & 0xffff);
	if (!strcmp(release, XEN_RELEASE))
		return 0;
	return error_set(err, -EPROTONOSUPPORT,
			 "xen: this is Xen %s, and chaos was built for %s; it has to be built, or its package, on the Debian of that Xen",
			 release, XEN_RELEASE);
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
	ret = check_release(xen, err);
	if (ret)
		xen_close(xen);
	return ret;
}

void xen_close(struct xen *xen)
{
	xc_interface_close(xen->xch);
	free(xen->log);
}

static void fill_info(struct domain_info *info, const xc_domaininfo_t *from)
{
	*info = (struct domain_info){
		.domid = from->domain,
		.dying = from->flags & XEN_DOMINF_dying,
		.shutdown = from->flags & XEN_DOMINF_shutdown,
		.reason = from->flags >> XEN_DOMINF_shutdownshift &
			  XEN_DOMINF_shutdownmask,
		.paused = from->flags & XEN_DOMINF_paused,
		.blocked = from->flags & XEN_DOMINF_blocked,
		.is_pvh = from->flags & XEN_DOMINF_hvm_guest,
		.has_hap = from->flags & XEN_DOMINF_hap,
		.pages = from->tot_pages,
		.max_pages = from->max_pages,
		.cpu_time = from->cpu_time / NS_PER_S,
		.vcpus = from->max_vcpu_id == XEN_INVALID_MAX_VCPU_ID ?
			 0 : from->max_vcpu_id + 1,
		.online = from->nr_online_vcpus,
		.cpupool = from->cpupool,
	};
	memcpy(info->handle, from->handle, UUID_SIZE);
}

int xen_info(struct xen *xen, uint32_t domid, struct domain_info *info)
{
	xc_domaininfo_t found;
	int count;

	/* It starts at @domid, and takes the next one if that is absent. */
	count = xc_domain_getinfolist(xen->xch, domid, 1, &found);
	if (count < 0)
		return -errno;
	if (!count || found.domain != domid)
		return -ESRCH;
	fill_info(info, &found);
	return 0;
}

/* Return: how many more there are now, or a negative errno. */
static int list_more(struct xen *xen, uint32_t first, unsigned int most,
		     struct domain_info **infos, size_t total,
		     xc_domaininfo_t *batch, struct error *err)
{
	struct domain_info *more;
	int count, i;

	more = reallocarray(*infos, total + most, sizeof(*more));
	if (!more)
		return error_sys(err, -ENOMEM, "list of domains");
	*infos = more;
	xen_mark(xen);
	count = xc_domain_getinfolist(xen->xch, first, most, batch);
	if (count < 0)
		return xen_error(xen, err, "list of domains");
	for (i = 0; i < count; i++)
		fill_info(&more[total + i], &batch[i]);
	return count;
}

int xen_grants(struct xen *xen, uint32_t domid, unsigned int *frames,
	       unsigned int *per_frame, struct error *err)
{
	struct gnttab_query_size query = { .dom = domid };
	int version;

	xen_mark(xen);
	if (xc_gnttab_query_size(xen->xch, &query) || query.status)
		return xen_error(xen, err, "domain %u: its grant table", domid);
	version = xc_gnttab_get_version(xen->xch, domid);
	*frames = query.max_nr_frames;
	*per_frame = XC_PAGE_SIZE / (version == 2 ? sizeof(grant_entry_v2_t) :
						    sizeof(grant_entry_v1_t));
	return 0;
}

int xen_list_from(struct xen *xen, uint32_t first, unsigned int most,
		  struct domain_info **infos, struct error *err)
{
	xc_domaininfo_t *batch = calloc(LIST_BATCH, sizeof(*batch));
	int each, count, total = 0;
	uint32_t next = first;

	*infos = NULL;
	if (!batch)
		return error_sys(err, -ENOMEM, "list of domains");
	do {
		each = most - total < LIST_BATCH ? most - total : LIST_BATCH;
		count = list_more(xen, next, each, infos, total, batch, err);
		if (count > 0) {
			next = batch[count - 1].domain + 1;
			total += count;
		}
	} while (count == each && total < (int)most);
	free(batch);
	if (count >= 0)
		return total;
	free(*infos);
	return count;
}

int xen_list(struct xen *xen, struct domain_info **infos, struct error *err)
{
	return xen_list_from(xen, 0, DOMIDS, infos, err);
}

bool xen_is_domain(struct xen *xen, uint32_t domid, const uint8_t *handle)
{
	struct domain_info info;
	int ret = xen_info(xen, domid, &info);

	if (ret)
		return ret != -ESRCH;
	return !memcmp(info.handle, handle, UUID_SIZE);
}

bool xen_has_stopped(const struct domain_info *info)
{
	return info->dying || info->shutdown;
}

bool xen_is_fresh(const struct domain_info *info)
{
	return info->paused && !info->cpu_time && !xen_has_stopped(info);
}

const char *xen_state(const struct domain_info *info)
{
	if (info->dying)
		return "dying";
	if (info->shutdown)
		return info->reason == SHUTDOWN_crash ? "crashed" : "shutdown";
	if (info->paused)
		return "paused";
	if (info->blocked)
		return "blocked";
	return "running";
}
