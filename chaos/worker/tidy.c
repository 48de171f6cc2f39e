// SPDX-License-Identifier: GPL-2.0
/*
 * What remains when chaos, chaosd or a job is killed at any moment, and how it
 * goes. The order of the files' changes, in guest/make.c, guest/names.c and
 * guest/restart.c, is such that one can always tell what is left over:
 *
 *  - Whoever makes a domain holds the lock of state_create_begin() until its
 *    record has its last handle: if nobody does, a domain without a record is
 *    left over.
 *  - A record says whether its guest was made to the end. If not, and nobody
 *    has the lock of its name, its maker is dead.
 *  - The same holds for the record of a shell, and the lock of its domain.
 *  - A record whose domain is gone, and a name whose domain has no record, are
 *    left over; unless the record says that the guest is being made again.
 *  - What noxs knows of a domain has the domain's handle.
 *  - Half a record is a file that isn't new, a socket one whose domain is gone.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console/console.h"
#include "console/logs.h"
#include "guest/names.h"
#include "guest/record.h"
#include "host/noxs.h"
#include "pool/destroy.h"
#include "pool/take.h"
#include "util/chaos.h"
#include "util/json.h"
#include "util/number.h"
#include "util/util.h"
#include "worker/tidy.h"

#define STOP_TRIES	250
#define STOP_STEP_MS	20
#define LOG_DAYS	"CHAOS_LOG_DAYS"
#define LOG_DAYS_USUAL	30
#define LOG_DAYS_MAX	36500
#define DAY_S		86400

/**
 * struct tidy - at work
 * @xen: access to the hypervisor
 * @err: for the reason of the last failure
 * @ret: negative errno of the last failure, or 0
 */
struct tidy {
	struct xen *xen;
	struct error *err;
	int ret;
};

static bool is_recorded(uint32_t domid, const uint8_t *handle)
{
	struct record record;
	struct shell shell;

	/* In this order: a shell becomes a guest, and never the other way. */
	if (shell_load(&shell, domid, handle))
		return true;
	if (record_load(&record, domid, handle))
		return false;
	record_free(&record);
	return true;
}

static bool is_orphan(const struct domain_info *info)
{
	return noxs_is_handle(info->handle) &&
	       !info->dying && !is_recorded(info->domid, info->handle);
}

/* Return: whether nobody is making a domain just now. */
static bool stop_makers(int *fd)
{
	int tries;

	for (tries = 0; tries < STOP_TRIES; tries++) {
		if (state_create_stop(fd))
			return true;
		sleep_ms(STOP_STEP_MS);
	}
	return false;
}

/* Of a console that nobody serves any more. */
static bool tidy_socket(uint32_t domid, void *arg)
{
	struct tidy *tidy = arg;
	struct domain_info info;
	char path[PATH_MAX];

	if (xen_info(tidy->xen, domid, &info) == -ESRCH) {
		console_sock_path(domid, path, sizeof(path));
		unlink(path);
	}
	return true;
}

/* Only domains that were there while nobody made any: those stay left over. */
static int find_orphans(struct tidy *tidy, struct domain_info **infos)
{
	int count, found = 0, i, fd;

	if (!stop_makers(&fd))
		return 0;
	count = xen_list(tidy->xen, infos, tidy->err);
	for (i = 0; i < count; i++)
		if (is_orphan(&(*infos)[i]))
			(*infos)[found++] = (*infos)[i];
	state_each(STATE_CONSOLE_DIR, "sock", tidy_socket, tidy);
	state_create_end(fd);
	return count < 0 ? count : found;
}

static void destroy(struct tidy *tidy, uint32_t domid, const uint8_t *handle)
{
	int ret = domain_destroy(tidy->xen, domid, handle, true, tidy->err);

	if (ret)
		tidy->ret = ret;
}

static void tidy_orphans(struct tidy *tidy)
{
	struct domain_info *infos = NULL;
	int count, i;

	count = find_orphans(tidy, &infos);
	if (count < 0) {
		tidy->ret = count;
		return;
	}
	for (i = 0; i < count; i++)
		destroy(tidy, infos[i].domid, infos[i].handle);
	free(infos);
}

/* Whether the guest of a record is to go. */
static bool is_left_over(struct tidy *tidy, const struct record *record)
{
	if (xen_is_domain(tidy->xen, record->domid, record->handle))
		return !record_is_made(record);
	return !record_number(record, "restarting");
}

/* Under its lock, the same again: somebody may have been faster. */
static void tidy_guest(struct tidy *tidy, struct guest *guest)
{
	int ret = 0;

	if (!guest->recorded || !is_left_over(tidy, &guest->record))
		return;
	if (guest->exists)
		ret = domain_destroy(tidy->xen, guest->domid, guest->handle,
				     true, tidy->err);
	if (!ret)
		ret = domain_bury(tidy->xen, guest->domid, guest->handle,
				  tidy->err);
	if (ret)
		tidy->ret = ret;
	else
		guest_forget(guest);
}

static void tidy_record(struct record *record, void *arg)
{
	struct tidy *tidy = arg;
	struct guest guest;
	struct error err;

	if (!is_left_over(tidy, record))
		return;
	/* If somebody has the lock, he is alive, and it isn't left over. */
	if (guest_try_lock_domain(tidy->xen, record, &guest, &err))
		return;
	tidy_guest(tidy, &guest);
	guest_put(&guest);
}

/* Half a shell whose maker is dead, or what is left of one. */
static bool tidy_shell(const struct shell *shell, void *arg)
{
	struct tidy *tidy = arg;
	struct shell again;
	bool exists;
	int ret;

	exists = xen_is_domain(tidy->xen, shell->domid, shell->handle);
	if (exists && shell->made)
		return true;
	/* One that was taken by now is a guest's, and the guest is tidied. */
	if (!shell_load(&again, shell->domid, shell->handle)) {
		if (!exists)
			shell_remove(shell->domid, shell->handle);
		return true;
	}
	/* If somebody has the lock, he is alive, and it isn't left over. */
	ret = shell_drop_dead(tidy->xen, shell->domid, shell->handle,
			      tidy->err);
	if (ret && ret != -EBUSY && ret != -ESTALE)
		tidy->ret = ret;
	return true;
}

/* Whether a name leads nowhere. */
static bool is_unused(const struct owner *owner, const char *name)
{
	struct record record;
	bool unused;

	if (record_load(&record, owner->domid, owner->handle))
		return true;
	/* That of a UUID begins with '='. */
	unused = *name == '=' ?
		strcmp(name + 1, record_text(&record, "uuid")) :
		strcmp(name, record.name);
	record_free(&record);
	return unused;
}

static void tidy_name(const char *name, void *arg)
{
	struct name_lock lock;
	struct owner owner;
	struct error err;

	(void)arg;
	if (!name_read(name, &owner) && !is_unused(&owner, name))
		return;
	if (name_lock(&lock, name, false, 0, &err))
		return;
	if (name_owner(&lock, &owner) || is_unused(&owner, name))
		name_drop(&lock);
	else
		name_unlock(&lock);
}

/* Whoever is to be a guest has its name before it has a console. */
static bool is_name(const char *name)
{
	struct owner owner;

	return name_read(name, &owner) != -ENOENT;
}

/* With an early handle it lives: Xen isn't told yet which one noxs gave to it. */
static bool is_dead(struct tidy *tidy, const struct noxs_domain *dom)
{
	struct domain_info info;
	int ret = xen_info(tidy->xen, dom->domid, &info);

	if (ret)
		return ret == -ESRCH;
	return memcmp(info.handle, dom->handle, UUID_SIZE) &&
	       !noxs_is_early(info.handle);
}

static void tidy_noxs(struct tidy *tidy)
{
	struct noxs_domain *doms;
	struct noxs noxs;
	struct error err;
	int count, i;

	/* Without noxs_core, it knows none. */
	if (noxs_open(&noxs, &err))
		return;
	count = noxs_dom_list(&noxs, &doms, &err);
	for (i = 0; i < count; i++)
		if (is_dead(tidy, &doms[i]) &&
		    noxs_dom_del(&noxs, doms[i].domid, doms[i].handle,
				 tidy->err))
			tidy->ret = -EIO;
	if (count >= 0)
		free(doms);
	noxs_close(&noxs);
}

/* How long logs of guests that are gone stay; what makes no sense doesn't count. */
static time_t log_age(void)
{
	const char *text = getenv(LOG_DAYS);
	unsigned int days;

	if (!text || !number_parse(text, 0, LOG_DAYS_MAX, &days))
		days = LOG_DAYS_USUAL;
	return (time_t)days * DAY_S;
}

int tidy_all(struct xen *xen, struct error *err)
{
	struct tidy tidy = { .xen = xen, .err = err };

	tidy_orphans(&tidy);
	records_each(tidy_record, &tidy);
	shells_each(tidy_shell, &tidy);
	records_clean();
	doc_clean(STATE_SHELLS_DIR);
	doc_clean(KEEP_POOLS_DIR);
	names_each(tidy_name, &tidy);
	tidy_noxs(&tidy);
	logs_tidy(CHAOS_LOG_DIR, LOGS_MAX, log_age(), is_name);
	return tidy.ret;
}
