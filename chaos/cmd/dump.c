// SPDX-License-Identifier: GPL-2.0
/*
 * chaos dump-core: a guest's memory is written to a file, which is there when all of it
 * is. Meanwhile nobody is kept from the guest.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/output.h"
#include "guest/names.h"
#include "util/progress.h"
#include "util/signal.h"
#include "xen/domain.h"

/* Its domid may be another's by now. */
static int dump_to(struct xen *xen, const struct guest *guest, int fd,
		   struct error *err)
{
	struct progress progress;
	int ret;

	progress_begin(&progress, "dump-core", true);
	ret = domain_dump(xen, guest->domid, fd, &progress, err);
	progress_end(&progress);
	if (!ret && !xen_is_domain(xen, guest->domid, guest->handle))
		ret = error_set(err, -ESRCH, "its domain has gone meanwhile");
	return ret;
}

static int dump_guest(struct xen *xen, const struct guest *guest,
		      const char *path, struct error *err)
{
	char unfinished[PATH_MAX];
	int fd, ret;

	if (!guest->domid)
		return error_set(err, -EPERM, "is the host");
	if (!guest->exists)
		return error_set(err, -ESRCH, "its domain is gone");
	if (snprintf(unfinished, sizeof(unfinished), "%s.new", path) >=
	    (int)sizeof(unfinished))
		return error_sys(err, -ENAMETOOLONG, "%s", path);
	fd = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_sys(err, -errno, "%s", unfinished);
	ret = dump_to(xen, guest, fd, err);
	if (close(fd) && !ret)
		ret = error_sys(err, -errno, "%s", unfinished);
	if (!ret && rename(unfinished, path))
		ret = error_sys(err, -errno, "%s", path);
	if (ret)
		unlink(unfinished);
	return ret;
}

static int dump_core_main(int argc, char **argv, struct options *options)
{
	struct guest guest;
	struct error err;
	struct xen xen;
	int ret;

	if (!take_words(argc, argv, options, 2, 2))
		return usage_error(&dump_core_command);
	ret = xen_open(&xen, options->verbose, &err);
	if (ret)
		return report("dump-core", argv[optind], &err);
	signals_block();
	ret = guest_find(&xen, argv[optind], &guest, &err);
	if (!ret) {
		ret = dump_guest(&xen, &guest, argv[optind + 1], &err);
		guest_put(&guest);
	}
	xen_close(&xen);
	if (ret)
		ret = report("dump-core", argv[optind], &err);
	signals_unblock();
	return ret;
}

const struct command dump_core_command = {
	.name = "dump-core",
	.help = "write a guest's memory to a file",
	.usage = "dump-core [-v] GUEST FILE",
	.details =
	"Writes the memory of GUEST, a name or a domid, and the state of its CPUs to FILE, an\n"
	"ELF core. FILE is there when it is complete; until then it is FILE.new. A guest that\n"
	"runs changes meanwhile: pause it before, if it is to be as it was at one moment. A PV\n"
	"guest that isn't Linux may not say where its memory is, and can't be written then.\n",
	.main = dump_core_main,
};
