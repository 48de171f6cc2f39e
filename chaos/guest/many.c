// SPDX-License-Identifier: GPL-2.0
/*
 * Many guests from one file: all of them, or none. Each is made by a process of
 * its own, as many of them at a time as the host has CPUs for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/device.h"
#include "guest/many.h"
#include "guest/names.h"
#include "guest/remove.h"
#include "host/vif.h"
#include "util/progress.h"
#include "util/signal.h"
#include "util/util.h"

#define WORKERS_MIN	2
#define WORKERS_MAX	16

/**
 * struct worker - a process that makes a guest
 * @pid: its number, or 0 if there is none
 * @pipe: from it
 * @guest: the guest
 */
struct worker {
	pid_t pid;
	int pipe;
	struct many_guest *guest;
};

bool many_name(const struct guest_config *config, unsigned int number,
	       char *name)
{
	char text[CONFIG_NAME_MAX + 16];
	int len = snprintf(text, sizeof(text), "%s-%u", config->name, number);

	if (len > CONFIG_NAME_MAX)
		return false;
	memcpy(name, text, len + 1);
	return true;
}

/* What the file says, and nothing that was chosen for one guest. */
static int parse_again(const struct guest_config *config,
		       struct guest_config *again, struct error *err)
{
	return config_parse(config->text, strlen(config->text), config->file,
			    again, err);
}

static int check_unique(const struct guest_config *config, struct error *err)
{
	unsigned int i;

	if (config->has_uuid)
		return error_set(err, -EINVAL,
				 "uuid: can't be that of several guests");
	for (i = 0; i < config->nr_vifs; i++)
		if (config->vifs[i].has_mac || *config->vifs[i].ifname ||
		    *config->vifs[i].ip)
			return error_set(err, -EINVAL,
					 "vif: mac, vifname or ip can't be that of several guests");
	for (i = 0; i < config->nr_disks; i++)
		if (!config->disks[i].readonly)
			return error_set(err, -EINVAL,
					 "disk: several guests can't write %s",
					 config->disks[i].path);
	return 0;
}

int many_check(const struct guest_config *config, unsigned int count,
	       struct error *err)
{
	char name[CONFIG_NAME_MAX + 1];
	struct guest_config again;
	int ret;

	if (!many_name(config, count, name))
		return error_set(err, -EINVAL,
				 "name: with a number it is longer than %d characters",
				 CONFIG_NAME_MAX);
	ret = parse_again(config, &again, err);
	if (ret)
		return ret;
	ret = check_unique(&again, err);
	config_free(&again);
	return ret;
}

static int make_one(const struct making *making, struct many_guest *guest,
		    bool verbose, struct error *err)
{
	struct making mine = {
		.paused = true, .console = -1, .made = making->made,
	};
	int ret;

	ret = parse_again(&making->config, &mine.config, err);
	if (ret)
		return ret;
	strcpy(mine.config.name, guest->name);
	ret = config_complete_vifs(mine.config.vifs, mine.config.nr_vifs, err);
	if (!ret)
		ret = net_complete(mine.config.vifs, mine.config.nr_vifs, err);
	if (!ret)
		ret = making_run(&mine, verbose, err);
	guest->dom = mine.build.dom;
	return ret;
}

static void work(const struct making *making, struct many_guest *guest,
		 int pipe, bool verbose)
{
	struct error err = { "" };

	guest->ret = make_one(making, guest, verbose, &err);
	memcpy(guest->text, err.text, sizeof(guest->text));
	/* At most PIPE_BUF: there is room for it. */
	if (write(pipe, guest, sizeof(*guest)) != sizeof(*guest))
		_exit(EXIT_FAILURE);
	_exit(EXIT_SUCCESS);
}

static int start_worker(struct worker *worker, const struct making *making,
			struct many_guest *guest, bool verbose,
			struct error *err)
{
	int fds[2], ret;

	if (pipe2(fds, O_CLOEXEC))
		return error_sys(err, -errno, "pipe");
	worker->pid = fork();
	if (worker->pid < 0) {
		ret = -errno;
		worker->pid = 0;
		close(fds[0]);
		close(fds[1]);
		return error_sys(err, ret, "fork");
	}
	if (!worker->pid)
		work(making, guest, fds[1], verbose);
	close(fds[1]);
	worker->pipe = fds[0];
	worker->guest = guest;
	return 0;
}

/* One that was killed has written nothing, and its guest counts as not made. */
static void end_worker(struct worker *worker)
{
	struct many_guest guest;

	if (read(worker->pipe, &guest, sizeof(guest)) == sizeof(guest)) {
		*worker->guest = guest;
	} else {
		worker->guest->killed = worker->pid;
		strcpy(worker->guest->text, "whoever made it was killed");
	}
	close(worker->pipe);
	worker->pid = 0;
}

static struct worker *find_worker(struct worker *workers, int count, pid_t pid)
{
	int i;

	for (i = 0; i < count; i++)
		if (workers[i].pid == pid)
			return &workers[i];
	return NULL;
}

/* Return: one that is free, or NULL if none is left that could become so. */
static struct worker *wait_worker(struct worker *workers, int count)
{
	struct worker *worker;
	pid_t pid;

	do {
		pid = waitpid(-1, NULL, 0);
		if (pid < 0 && errno != EINTR)
			return NULL;
		worker = pid > 0 ? find_worker(workers, count, pid) : NULL;
	} while (!worker);
	end_worker(worker);
	return worker;
}

static int count_workers(unsigned int guests)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);

	if (count < WORKERS_MIN)
		count = WORKERS_MIN;
	if (count > WORKERS_MAX)
		count = WORKERS_MAX;
	return count < guests ? count : guests;
}

static int first_failure(const struct many_guest *guests, unsigned int count,
			 struct error *err)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (guests[i].ret && *guests[i].text)
			return error_set(err, guests[i].ret, "%s: %s",
					 guests[i].name, guests[i].text);
	return signals_pending() ? error_set(err, -EINTR, "interrupted") : 0;
}

/* Until all are made, or one isn't. */
static int start_workers(const struct making *making, unsigned int count,
			 struct many_guest *guests, bool verbose,
			 struct error *err)
{
	struct worker workers[WORKERS_MAX] = { 0 }, *worker;
	int nr = count_workers(count), ret = 0;
	unsigned int i, made = 0;

	for (i = 0; !ret && i < count; i++) {
		worker = find_worker(workers, nr, 0);
		if (!worker) {
			worker = wait_worker(workers, nr);
			progress_show(making->progress, ++made, count);
		}
		ret = first_failure(guests, i, err);
		if (!ret)
			ret = start_worker(worker, making, &guests[i], verbose,
					   err);
	}
	while (wait_worker(workers, nr))
		progress_show(making->progress, ++made, count);
	return ret ? ret : first_failure(guests, count, err);
}

static int start_guests(struct xen *xen, unsigned int count,
			struct many_guest *guests, struct error *err)
{
	struct error why;
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < count; i++) {
		ret = domain_unpause(xen, guests[i].dom.domid, &why);
		if (ret)
			error_set(err, ret, "%s: %s", guests[i].name,
				  why.text);
	}
	return ret;
}

static int wait_guests(const struct making *making, struct xen *xen,
		       unsigned int count, struct many_guest *guests,
		       struct error *err)
{
	int64_t deadline = clock_ms() + making->wait, left;
	struct error why;
	struct noxs noxs;
	unsigned int i;
	int ret;

	ret = noxs_open(&noxs, err);
	if (ret)
		return ret;
	for (i = 0; !ret && i < count; i++) {
		left = deadline - clock_ms();
		ret = device_wait(&noxs, xen, guests[i].dom.domid,
				  NOXS_TYPE_NONE, 0, left > 0 ? left : 0,
				  &why);
		if (ret)
			error_set(err, ret, "%s: %s", guests[i].name,
				  why.text);
	}
	noxs_close(&noxs);
	return ret;
}

/* What a maker that was killed has left, if there is anything, and it is his. */
static int remove_killed(struct xen *xen, const struct many_guest *guest,
			 struct error *err)
{
	struct guest found;
	bool is_his;

	if (guest_find(xen, guest->name, &found, err))
		return 0;
	is_his = found.recorded && record_number(&found.record, "maker") ==
				   guest->killed;
	guest_put(&found);
	return is_his ? guest_remove_domain(xen, found.domid, found.handle,
					    false, err) : 0;
}

static int remove_one(struct xen *xen, const struct many_guest *guest,
		      struct error *err)
{
	const struct domain *dom = &guest->dom;

	if (guest->killed)
		return remove_killed(xen, guest, err);
	return guest->ret ? 0 : guest_remove_domain(xen, dom->domid,
						    dom->handle, false, err);
}

static void remove_guests(struct xen *xen, unsigned int count,
			  struct many_guest *guests, struct error *err)
{
	size_t len = strlen(err->text);
	struct error why;
	unsigned int i;
	int ret;

	for (i = 0; i < count; i++) {
		ret = remove_one(xen, &guests[i], &why);
		if (ret && ret != -ESTALE)
			snprintf(err->text + len, sizeof(err->text) - len,
				 "; and undoing %s: %s", guests[i].name,
				 why.text);
	}
}

static int make_all(const struct making *making, unsigned int count,
		    struct many_guest *guests, bool verbose, struct error *err)
{
	struct xen xen;
	int ret;

	/* First, so that what was made can be removed again. */
	ret = xen_open(&xen, verbose, err);
	if (ret)
		return ret;
	ret = start_workers(making, count, guests, verbose, err);
	if (!ret && !making->paused)
		ret = start_guests(&xen, count, guests, err);
	if (!ret && making->wait)
		ret = wait_guests(making, &xen, count, guests, err);
	if (ret)
		remove_guests(&xen, count, guests, err);
	xen_close(&xen);
	return ret;
}

int many_make(const struct making *making, unsigned int count,
	      struct many_guest **guests, bool verbose, struct error *err)
{
	unsigned int i;
	int ret;

	*guests = calloc(count, sizeof(**guests));
	if (!*guests)
		return error_sys(err, -ENOMEM, "guests");
	for (i = 0; i < count; i++) {
		many_name(&making->config, i + 1, (*guests)[i].name);
		(*guests)[i].ret = -ECANCELED;
	}
	signals_block();
	ret = make_all(making, count, *guests, verbose, err);
	if (ret) {
		free(*guests);
		*guests = NULL;
	}
	return ret;
}
