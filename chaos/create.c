// SPDX-License-Identifier: GPL-2.0
/*
 * chaos create: from a configuration file to a running guest. Either all of
 * it is done, or, after any failure or signal, nothing of it is left. Only a
 * SIGKILL leaves a part; "chaos list" shows it, "chaos destroy" removes it.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chaos.h"
#include "config.h"
#include "domain.h"
#include "drainer.h"
#include "guest.h"
#include "net.h"
#include "signals.h"
#include "state.h"

#define DOMID_TRIES	4

/**
 * struct create - a guest in the making
 * @config: what it is to be
 * @paused: don't let it run
 * @attach: connect to its console
 * @quiet: print nothing
 * @wait: how long its devices may take to connect, in ms; 0 not to wait
 * @xen: access to the hypervisor
 * @noxs: access to the kernel's devices
 * @lock: of its name
 * @dom: its domain
 * @record: what others will know of it
 * @left: it failed, and a part of it can't be removed
 * @console: socket to its console, or -1
 */
struct create {
	struct guest_config config;
	bool paused;
	bool attach;
	bool quiet;
	int wait;
	struct xen xen;
	struct noxs noxs;
	struct name_lock lock;
	struct domain dom;
	struct record record;
	bool left;
	int console;
};

static int interrupted(struct error *err)
{
	if (!signals_pending())
		return 0;
	return error_set(err, -EINTR, "interrupted");
}

/* Write down which domain it is: first of all, and if the handle changes. */
static int remember(struct create *create, struct error *err)
{
	struct owner owner = { .domid = create->dom.domid };
	int ret = 0;

	memcpy(owner.handle, create->dom.handle, UUID_SIZE);
	if (create->record.doc)
		record_set_handle(&create->record, owner.handle);
	else
		ret = record_make(&create->record, &create->config, &owner,
				  err);
	if (!ret)
		ret = name_set(&create->lock, &owner, err);
	return ret ? ret : record_save(&create->record, err);
}

/* Return: @why, or -EIO if something is left. */
static int undo_domain(struct create *create, int why, struct error *err)
{
	size_t len = strlen(err->text);
	struct error more;

	record_free(&create->record);
	if (!domain_destroy(&create->xen, create->dom.domid,
			    create->dom.handle, true, &more)) {
		/* It may have been written with the former handle. */
		record_remove(create->dom.domid, NULL);
		return why;
	}
	snprintf(err->text + len, sizeof(err->text) - len,
		 "; and undoing it: %s", more.text);
	create->left = true;
	return -EIO;
}

static int make_domain_once(struct create *create, struct error *err)
{
	int ret;

	ret = domain_create(&create->xen, &create->config, &create->dom, err);
	if (ret)
		return ret;
	ret = remember(create, err);
	if (!ret)
		ret = domain_announce(&create->xen, &create->noxs,
				      &create->dom, err);
	if (!ret)
		ret = remember(create, err);
	return ret ? undo_domain(create, ret, err) : 0;
}

/* Xen takes domids in turn: if one can't be used yet, the next one can. */
static int make_domain(struct create *create, struct error *err)
{
	int tries, ret = -EBUSY;

	for (tries = 0; ret == -EBUSY && tries < DOMID_TRIES; tries++)
		ret = make_domain_once(create, err);
	return ret;
}

static int start_console(struct create *create, struct error *err)
{
	const struct console_place place = {
		.domid = create->dom.domid,
		.name = create->config.name,
		.gfn = create->dom.console_gfn,
		.port = create->dom.console_port,
	};
	int ret;

	ret = drainer_start(&place, create->dom.handle, err);
	if (ret)
		return ret;
	record_set_console(&create->record, place.gfn, place.port);
	if (!create->attach)
		return 0;
	create->console = drainer_connect(place.domid, err);
	return create->console < 0 ? create->console : 0;
}

static int add_devices(struct create *create, struct error *err)
{
	const struct vif_config *vifs = create->config.vifs;
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < create->config.nr_vifs; i++) {
		ret = net_attach(&create->noxs, create->dom.domid, &vifs[i],
				 err);
		record_add_vif(&create->record, &vifs[i]);
	}
	return ret;
}

static int start(struct create *create, struct error *err)
{
	int ret = 0;

	if (!create->paused)
		ret = domain_unpause(&create->xen, &create->dom, err);
	if (!ret && create->wait)
		ret = net_wait(&create->noxs, &create->xen, create->dom.domid,
			       -1, create->wait, err);
	return ret;
}

static int fill_domain(struct create *create, struct error *err)
{
	int ret;

	ret = domain_build(&create->xen, &create->config, &create->dom, err);
	if (!ret)
		ret = interrupted(err);
	if (!ret)
		ret = start_console(create, err);
	if (!ret)
		ret = add_devices(create, err);
	if (!ret)
		ret = interrupted(err);
	if (!ret)
		ret = record_save(&create->record, err);
	if (!ret)
		ret = start(create, err);
	return ret;
}

static int make_guest(struct create *create, struct error *err)
{
	int ret;

	ret = state_init(err);
	if (ret)
		return ret;
	ret = guest_claim(&create->xen, create->config.name, &create->lock,
			  err);
	if (ret)
		return ret;
	ret = make_domain(create, err);
	if (!ret) {
		ret = fill_domain(create, err);
		if (ret)
			ret = undo_domain(create, ret, err);
	}
	/* Of a guest that can't be removed, the user needs the name. */
	if (!ret || create->left)
		name_unlock(&create->lock);
	else
		name_drop(&create->lock);
	return ret;
}

static int make_with_access(struct create *create, bool verbose,
			    struct error *err)
{
	int ret;

	ret = xen_open(&create->xen, verbose, err);
	if (ret)
		return ret;
	ret = noxs_open(&create->noxs, err);
	if (!ret) {
		signals_block();
		ret = make_guest(create, err);
		noxs_close(&create->noxs);
	}
	record_free(&create->record);
	xen_close(&create->xen);
	return ret;
}

static int read_text(const char *path, char **text, size_t *len,
		     struct error *err)
{
	FILE *stream;
	int ret = 0;

	stream = fopen(path, "re");
	if (!stream)
		return error_sys(err, -errno, "%s", path);
	*text = malloc(CONFIG_FILE_MAX + 1);
	if (!*text) {
		fclose(stream);
		return error_sys(err, -ENOMEM, "%s", path);
	}
	*len = fread(*text, 1, CONFIG_FILE_MAX + 1, stream);
	if (ferror(stream)) {
		ret = error_sys(err, errno ? -errno : -EIO, "%s", path);
		free(*text);
		*text = NULL;
	}
	fclose(stream);
	return ret;
}

static int check_file(const char *key, const char *path, struct error *err)
{
	struct stat info;

	if (!path)
		return 0;
	if (stat(path, &info) || access(path, R_OK))
		return error_sys(err, -errno, "%s: %s", key, path);
	if (!S_ISREG(info.st_mode))
		return error_set(err, -EINVAL, "%s: %s: is not a file", key,
				 path);
	return 0;
}

static int read_config(const char *path, struct guest_config *config,
		       struct error *err)
{
	unsigned int i;
	char *text = NULL;
	size_t len = 0;
	int ret;

	ret = read_text(path, &text, &len, err);
	if (ret)
		return ret;
	ret = config_parse(text, len, path, config, err->text,
			   sizeof(err->text));
	free(text);
	if (ret)
		return ret;
	for (i = 0; i < config->nr_warnings; i++)
		fprintf(stderr, "chaos: create: warning: %s\n",
			config->warnings[i]);
	return net_complete(config->vifs, config->nr_vifs, err);
}

static int print_result(const struct create *create, bool json)
{
	struct json_object *doc;
	char handle[UUID_TEXT];

	if (create->quiet)
		return EXIT_SUCCESS;
	if (!json) {
		printf("%s %u\n", create->config.name, create->dom.domid);
		return EXIT_SUCCESS;
	}
	doc = json_object_new_object();
	json_object_object_add(doc, "name",
			       json_object_new_string(create->config.name));
	json_object_object_add(doc, "domid",
			       json_object_new_int64(create->dom.domid));
	uuid_format(create->dom.handle, handle);
	json_object_object_add(doc, "handle", json_object_new_string(handle));
	return print_json(doc);
}

static int create_guest(struct create *create, const char *path,
			const struct options *options)
{
	struct error err = { "" };
	int ret;

	ret = read_config(path, &create->config, &err);
	if (ret)
		return report("create", NULL, &err);
	ret = check_file("kernel", create->config.kernel, &err);
	if (!ret)
		ret = check_file("ramdisk", create->config.ramdisk, &err);
	if (!ret)
		ret = net_check(create->config.vifs, create->config.nr_vifs,
				&err);
	if (!ret)
		ret = make_with_access(create, options->verbose, &err);
	if (ret)
		return report("create", create->config.name, &err);
	return print_result(create, options->json);
}

static int create_main(int argc, char **argv, struct options *options)
{
	struct create job = { .console = -1 };
	int opt, ret;

	while ((opt = getopt(argc, argv, "cpqw:" OPTIONS_COMMON)) != -1) {
		if (opt == 'c')
			job.attach = true;
		else if (opt == 'p')
			job.paused = true;
		else if (opt == 'q')
			job.quiet = true;
		else if (opt == 'w' ? !get_seconds(optarg, &job.wait) :
				      !options_take(options, opt))
			return usage_error(&create_command);
	}
	if (optind != argc - 1 || (job.paused && job.wait))
		return usage_error(&create_command);
	ret = create_guest(&job, argv[optind], options);
	config_free(&job.config);
	fflush(stdout);
	signals_unblock();
	if (job.console < 0)
		return ret;
	if (ret == EXIT_SUCCESS)
		return console_attach(job.console);
	close(job.console);
	return ret;
}

const struct command create_command = {
	.name = "create",
	.help = "make a guest from a configuration file",
	.usage = "create [-cjpqv] [-w SECONDS] FILE",
	.details =
	"Makes the guest that FILE describes, in the syntax of xl.cfg, and prints its\n"
	"name and its domid. After a failure nothing of it is left.\n\n"
	"  -c          attach to its console, from the first instruction on\n"
	"  -p          leave it paused\n"
	"  -q          print nothing\n"
	"  -w SECONDS  wait until its devices are connected; if that takes longer, it\n"
	"              is a failure (not with -p)\n",
	.main = create_main,
};
