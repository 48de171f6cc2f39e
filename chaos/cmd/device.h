/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CMD_DEVICE_H
#define CHAOS_CMD_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/output.h"
#include "config/config.h"
#include "guest/names.h"
#include "host/noxs.h"
#include "util/error.h"
#include "xen/xen.h"

/**
 * struct device_access - what each of a device command's actions needs
 * @xen: access to the hypervisor
 * @noxs: access to the kernel's devices
 * @guest: the guest, locked for those who change it
 */
struct device_access {
	struct xen xen;
	struct noxs noxs;
	struct guest guest;
};

/**
 * struct device_args - what the user asked for
 * @guest: name or domid
 * @id: number of the device; of a new one, once it has been made
 * @vif: to add
 * @disk: to add
 * @size: out of a resize: in bytes
 * @force: without asking the guest
 * @wait: how long it may take to connect, in ms; 0 not to wait
 * @json: print JSON
 */
struct device_args {
	const char *guest;
	unsigned int id;
	union {
		struct vif_config vif;
		struct disk_config disk;
	};
	uint64_t size;
	bool force;
	int wait;
	bool json;
};

/**
 * struct device_kind - a kind of devices, and the command that is about them
 * @command: the command
 * @type: NOXS_TYPE_*
 * @parse: read the description of a device to add
 * @parse_id: read the number of one that is there, and return whether it is one
 * @add: make a device, write it into the record, and set @id of the arguments
 * @list: print all
 * @resize: of a device whose size the host has changed; NULL if that can't be
 */
struct device_kind {
	const struct command *command;
	uint16_t type;
	int (*parse)(const char *spec, struct device_args *args,
		     struct error *err);
	bool (*parse_id)(const char *text, unsigned int *id);
	int (*add)(struct device_access *access, struct device_args *args,
		   struct error *err);
	int (*list)(struct device_access *access, struct device_args *args,
		    struct error *err);
	int (*resize)(struct device_access *access, struct device_args *args,
		      struct error *err);
};

/**
 * device_parse_id() - read the number of a device
 * @text: what the user typed
 * @id: out
 *
 * Return: whether it is one.
 */
bool device_parse_id(const char *text, unsigned int *id);

/**
 * device_add_state() - add the state of a device's two ends to a document
 * @entry: of the device
 * @dev: the device
 */
void device_add_state(struct json_object *entry, const struct noxs_dev *dev);

/**
 * device_main() - a command with the actions add, del and list
 * @kind: what it is about
 * @argc: count of @argv
 * @argv: what the user typed
 * @options: of every command
 *
 * Return: the exit status.
 */
int device_main(const struct device_kind *kind, int argc, char **argv,
		struct options *options);

#endif /* CHAOS_CMD_DEVICE_H */
