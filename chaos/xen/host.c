// SPDX-License-Identifier: GPL-2.0
/*
 * What Xen says of the host and of itself.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenctrl.h>

#include "util/json.h"
#include "util/util.h"
#include "xen/host.h"
#include "xen/release.h"

#define FIRST_SIZE	32768
#define LOG_MAX		(64 << 20)

int host_free_pages(struct xen *xen, uint64_t *pages, struct error *err)
{
	xc_physinfo_t host;

	xen_mark(xen);
	if (xc_physinfo(xen->xch, &host))
		return xen_error(xen, err, "memory");
	*pages = host.free_pages - host.outstanding_pages;
	return 0;
}

/* Of domains that are being destroyed, in pages. */
static uint64_t dying_pages(struct xen *xen)
{
	struct domain_info *infos;
	struct error ignored;
	uint64_t pages = 0;
	int count, i;

	count = xen_list(xen, &infos, &ignored);
	for (i = 0; i < count; i++)
		if (infos[i].dying)
			pages += infos[i].pages;
	if (count >= 0)
		free(infos);
	return pages;
}

int host_lacks_memory(struct xen *xen, uint64_t wanted, uint64_t left,
		      struct error *err)
{
	bool limited = host_option(xen, "dom0_mem", UINT_MAX) != UINT_MAX;
	uint64_t dying = dying_pages(xen) / PAGES_PER_MB;
	struct domain_info dom0;
	char more[128] = "";
	int len = 0;

	if (!xen_info(xen, 0, &dom0))
		len = snprintf(more, sizeof(more), "; dom0 has %llu MiB%s",
			       (unsigned long long)dom0.pages / PAGES_PER_MB,
			       limited ? "" : ", which Xen's option dom0_mem limits");
	if (dying)
		snprintf(more + len, sizeof(more) - len,
			 "; domains that are being destroyed have %llu MiB",
			 (unsigned long long)dying);
	return error_set(err, -ENOMEM,
			 "memory: %llu MiB wanted, the host has %llu MiB left%s",
			 (unsigned long long)wanted, (unsigned long long)left,
			 more);
}

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

int host_log(struct xen *xen, bool clear, char **text, struct error *err)
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

int host_debug_keys(struct xen *xen, const char *keys, struct error *err)
{
	xen_mark(xen);
	if (xc_send_debug_keys(xen->xch, keys))
		return xen_error(xen, err, "%s", keys);
	return 0;
}

unsigned int host_option(struct xen *xen, const char *name, unsigned int usual)
{
	xen_commandline_t line;
	size_t len = strlen(name);
	char *rest = line, *word;

	if (xc_version(xen->xch, XENVER_commandline, &line))
		return usual;
	line[sizeof(line) - 1] = '\0';
	/* As with Xen itself, the last one counts. */
	while ((word = strsep(&rest, " ")))
		if (!strncmp(word, name, len) && word[len] == '=')
			usual = strtoul(word + len + 1, NULL, 0);
	return usual;
}

bool host_version(struct xen *xen, char *text)
{
	xen_extraversion_t extra;
	int version;

	version = xc_version(xen->xch, XENVER_version, NULL);
	if (version <= 0 ||
	    xc_version(xen->xch, XENVER_extraversion, extra))
		return false;
	snprintf(text, HOST_TEXT_MAX, "%d.%d%.*s", version >> 16,
		 version & 0xffff, (int)sizeof(extra), extra);
	return true;
}

const char *host_fixed_version(const char *version)
{
	static const char *const fixed[] = { RELEASES_FIXED };
	size_t branch, i;

	for (i = 0; i < ARRAY_SIZE(fixed); i++) {
		branch = strrchr(fixed[i], '.') + 1 - fixed[i];
		if (!strncmp(version, fixed[i], branch) &&
		    strtoul(version + branch, NULL, 10) <
		    strtoul(fixed[i] + branch, NULL, 10))
			return fixed[i];
	}
	return NULL;
}

bool host_capabilities(struct xen *xen, char *text)
{
	xen_capabilities_info_t capabilities;

	if (xc_version(xen->xch, XENVER_capabilities, &capabilities))
		return false;
	snprintf(text, HOST_TEXT_MAX, "%.*s", (int)strcspn(capabilities, "\n"),
		 capabilities);
	return true;
}

static const char *scheduler_name(struct xen *xen)
{
	static const char *const names[] = {
		[XEN_SCHEDULER_CREDIT] = "credit",
		[XEN_SCHEDULER_CREDIT2] = "credit2",
		[XEN_SCHEDULER_ARINC653] = "arinc653",
		[XEN_SCHEDULER_RTDS] = "rtds",
		[XEN_SCHEDULER_NULL] = "null",
	};
	int id;

	if (xc_sched_id(xen->xch, &id) || id < 0 || id >= (int)ARRAY_SIZE(names))
		return NULL;
	return names[id];
}

static void add_features(struct json_object *doc, uint32_t capabilities)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} features[] = {
		{ XEN_SYSCTL_PHYSCAP_pv, "pv" },
		{ XEN_SYSCTL_PHYSCAP_hvm, "hvm" },
		{ XEN_SYSCTL_PHYSCAP_hap, "hap" },
		{ XEN_SYSCTL_PHYSCAP_shadow, "shadow" },
		{ XEN_SYSCTL_PHYSCAP_directio, "directio" },
		{ XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share, "iommu_hap_pt_share" },
		{ XEN_SYSCTL_PHYSCAP_vmtrace, "vmtrace" },
		{ XEN_SYSCTL_PHYSCAP_vpmu, "vpmu" },
		{ XEN_SYSCTL_PHYSCAP_gnttab_v1, "gnttab-v1" },
		{ XEN_SYSCTL_PHYSCAP_gnttab_v2, "gnttab-v2" },
	};
	struct json_object *list = doc_list(doc, "virt_caps");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(features); i++)
		if (capabilities & features[i].bit)
			list_text(list, features[i].name);
}

int host_describe(struct xen *xen, struct json_object *doc, struct error *err)
{
	xen_commandline_t line;
	xc_physinfo_t host;

	xen_mark(xen);
	if (xc_physinfo(xen->xch, &host))
		return xen_error(xen, err, "host");
	line[0] = '\0';
	(void)xc_version(xen->xch, XENVER_commandline, &line);
	line[sizeof(line) - 1] = '\0';
	doc_text(doc, "xen_commandline", line);
	doc_text(doc, "xen_scheduler", scheduler_name(xen));
	add_features(doc, host.capabilities);
	doc_number(doc, "nr_cpus", host.nr_cpus);
	doc_number(doc, "nr_nodes", host.nr_nodes);
	doc_number(doc, "cores_per_socket", host.cores_per_socket);
	doc_number(doc, "threads_per_core", host.threads_per_core);
	doc_number(doc, "cpu_mhz", host.cpu_khz / 1000);
	doc_number(doc, "total_memory", host.total_pages / PAGES_PER_MB);
	doc_number(doc, "free_memory",
		   (host.free_pages - host.outstanding_pages) / PAGES_PER_MB);
	return 0;
}
