/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_GUEST_RECORD_H
#define CHAOS_GUEST_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "util/error.h"
#include "util/state.h"
#include "util/uuid.h"

struct json_object;

/*
 * What the host remembers of its guests:
 *
 * CHAOS_RUN_DIR/names/NAME          which domain has the name; its lock, too
 * CHAOS_RUN_DIR/names/=UUID         the same for the user's own UUID
 * CHAOS_RUN_DIR/creating            locked by those who make a domain that isn't
 *                                   written down yet
 * CHAOS_RUN_DIR/domains/DOMID.json  all else
 * CHAOS_RUN_DIR/disks.lock          lock of those who give block devices to guests
 * CHAOS_RUN_DIR/console/DOMID.sock  the console; see console/drainer.h
 * CHAOS_RUN_DIR/pools/NAME.json     a pool; see pool/pool.h
 * CHAOS_RUN_DIR/shells/DOMID.json   a domain that is nobody's yet; see pool/shell.h
 *
 * Domids come round again. So both files have the domain's handle, which Xen
 * keeps as well: if the two differ, the file is left over from another domain
 * and counts as absent.
 */

/**
 * struct owner - the domain that has a name
 * @domid: the domain
 * @handle: its handle
 */
struct owner {
	uint32_t domid;
	uint8_t handle[UUID_SIZE];
};

/**
 * struct record - what the host remembers of a domain
 * @domid: the domain
 * @handle: its handle
 * @name: of the guest
 * @doc: all of it; see guest/record.c
 */
struct record {
	uint32_t domid;
	uint8_t handle[UUID_SIZE];
	char name[CONFIG_NAME_MAX + 1];
	struct json_object *doc;
};

/**
 * names_each() - see all names, also those that are left over
 * @fn: called for each one
 * @arg: for @fn
 */
void names_each(void (*fn)(const char *name, void *arg), void *arg);

/**
 * records_each() - see all records, also those that are left over
 * @fn: called for each one; @record is released afterwards
 * @arg: for @fn
 */
void records_each(void (*fn)(struct record *record, void *arg), void *arg);

/**
 * records_between() - the same, of some of them
 * @first: the least domid
 * @end: one more than the greatest
 * @fn: called for each one; @record is released afterwards
 * @arg: for @fn
 */
void records_between(uint32_t first, uint32_t end,
		     void (*fn)(struct record *record, void *arg), void *arg);

/**
 * records_clean() - remove what writers of records left that were killed
 *
 * See doc_clean().
 */
void records_clean(void);

/**
 * name_read() - look a name up
 * @name: of a guest
 * @owner: out: what it means
 *
 * Return: 0, -ENOENT if it means nothing, another negative errno.
 */
int name_read(const char *name, struct owner *owner);

/**
 * name_owner() - see whom the locked name belongs to
 * @lock: held
 * @owner: out
 *
 * Return: 0, -ENOENT if to nobody, another negative errno.
 */
int name_owner(const struct name_lock *lock, struct owner *owner);

/**
 * name_set() - give the locked name to a domain
 * @lock: held
 * @owner: the domain
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int name_set(const struct name_lock *lock, const struct owner *owner,
	     struct error *err);

/**
 * record_make() - begin to remember a domain
 * @record: out; to be released with record_free(), unless this fails
 * @config: the guest as asked for; its devices come one by one
 * @owner: the domain
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int record_make(struct record *record, const struct guest_config *config,
		const struct owner *owner, struct error *err);

/**
 * record_set_name() - the guest's name is another one now
 * @record: of a domain
 * @name: the name
 */
void record_set_name(struct record *record, const char *name);

/**
 * record_set_handle() - the domain's handle is another one now
 * @record: of a domain
 * @handle: the handle
 */
void record_set_handle(struct record *record, const uint8_t *handle);

/**
 * record_set_type() - remember of which type the guest is
 * @record: of a domain
 * @type: pv or pvh
 */
void record_set_type(struct record *record, const char *type);

/**
 * record_set_pool() - remember from which pool the guest was taken
 * @record: of a domain
 * @pool: name of the pool
 */
void record_set_pool(struct record *record, const char *pool);

/**
 * record_set_token() - remember who asked for the guest
 * @record: of a domain
 * @token: as he said it, for him to ask again: see the method Create in docs/protocol.md
 */
void record_set_token(struct record *record, const char *token);

/**
 * record_set_console() - remember how to reach the guest's console
 * @record: of a domain
 * @gfn: frame of the ring, as the foreign memory interface takes it
 * @port: the guest's event channel
 */
void record_set_console(struct record *record, uint64_t gfn, uint32_t port);

/**
 * record_set_made() - the guest isn't in the making any more
 * @record: of a domain
 */
void record_set_made(struct record *record);

/**
 * record_age() - how long ago record_set_made() was called
 * @record: the record
 *
 * Whatever becomes of the host's clock.
 *
 * Return: milliseconds.
 */
int64_t record_age(const struct record *record);

/**
 * record_is_made() - whether the guest was made to the end
 * @record: of a domain
 *
 * If not, and nobody has its name's lock, its maker was killed.
 *
 * Return: whether it was.
 */
bool record_is_made(const struct record *record);

/**
 * record_number() - a number of a record
 * @record: of a domain
 * @key: which one
 *
 * Return: the number, or 0 if there is none.
 */
int64_t record_number(const struct record *record, const char *key);

/**
 * record_text() - a text of a record
 * @record: of a domain
 * @key: which one
 *
 * Return: the text, or "" if there is none.
 */
const char *record_text(const struct record *record, const char *key);

/**
 * record_set_number() - change a number of a record
 * @record: of a domain
 * @key: which one
 * @value: the number
 */
void record_set_number(struct record *record, const char *key, int64_t value);

/**
 * record_set_memory() - remember how much memory a guest has, whatever its file says
 * @record: of a domain
 * @memory: MiB
 * @maxmem: MiB that it is to have at most
 */
void record_set_memory(struct record *record, unsigned int memory,
		       unsigned int maxmem);

/**
 * record_set_vcpus() - remember how many virtual CPUs a guest is to have online
 * @record: of a domain
 * @vcpus: how many
 */
void record_set_vcpus(struct record *record, unsigned int vcpus);

/**
 * record_set_sched() - remember how a guest is scheduled, whatever its file says
 * @record: of a domain
 * @sched: what sched_describe() says of it
 * @key: what of that counts from now on: cpus, cpus_soft, cpu_weight or cap
 */
void record_set_sched(struct record *record, struct json_object *sched,
		      const char *key);

/**
 * record_config() - the configuration that a guest was made from
 * @record: of a domain
 * @config: out: to be released with config_free(), unless this fails; it has
 *	the addresses that were chosen then, and what record_set_memory(),
 *	record_set_vcpus() and record_set_sched() were told
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int record_config(const struct record *record, struct guest_config *config,
		  struct error *err);

/**
 * record_directory() - where paths in the guest's configuration begin
 * @record: of a domain
 *
 * Return: the directory in which its maker was, or "" if that isn't known. It is
 * valid as long as @record is.
 */
const char *record_directory(const struct record *record);

/**
 * record_console() - what record_set_console() set
 * @record: of a domain
 * @gfn: out
 * @port: out
 *
 * Return: whether there is any.
 */
bool record_console(const struct record *record, uint64_t *gfn,
		    uint32_t *port);

/**
 * record_add_vif() - remember a network device
 * @record: of a domain
 * @vif: the device; its id and its mac are set
 */
void record_add_vif(struct record *record, const struct vif_config *vif);

/**
 * record_add_disk() - remember a block device
 * @record: of a domain
 * @disk: the device
 */
void record_add_disk(struct record *record, const struct disk_config *disk);

/**
 * record_device() - what is remembered of a device
 * @record: of a domain
 * @type: NOXS_TYPE_*
 * @id: its number
 * @key: which of the texts
 *
 * Return: the text, "" if there is none; it lives as long as the record.
 */
const char *record_device(const struct record *record, uint16_t type,
			  unsigned int id, const char *key);

/**
 * record_del_device() - forget a device
 * @record: of a domain
 * @type: NOXS_TYPE_*
 * @id: its number
 */
void record_del_device(struct record *record, uint16_t type, unsigned int id);

/**
 * record_save() - write it down
 * @record: of a domain
 * @err: out: the reason of a failure
 *
 * Others see all of it, or what was there before.
 *
 * Return: 0 or a negative errno.
 */
int record_save(const struct record *record, struct error *err);

/**
 * record_load() - read what was written of a domain
 * @record: out; to be released with record_free(), unless this fails
 * @domid: the domain
 * @handle: its handle
 *
 * Return: 0, -ENOENT if nothing is remembered of this domain, another
 * negative errno.
 */
int record_load(struct record *record, uint32_t domid, const uint8_t *handle);

/**
 * record_remove() - forget what was written of a domain
 * @domid: the domain
 * @handle: its handle, or NULL if nobody else can have this domid
 */
void record_remove(uint32_t domid, const uint8_t *handle);

/**
 * record_free() - release memory
 * @record: may be all zero
 */
void record_free(struct record *record);

#endif /* CHAOS_GUEST_RECORD_H */
