/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CONFIG_CONFIG_H
#define CHAOS_CONFIG_CONFIG_H

#include <limits.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/uuid.h"

struct error;

#define CONFIG_NAME_MAX		63
#define CONFIG_CMDLINE_MAX	1023	/* Xen's limit for PV, without the NUL */
#define CONFIG_FILE_MAX		65536
#define CONFIG_VIFS_MAX		64
#define CONFIG_IP_MAX		255
#define CONFIG_RATE_TEXT	40
#define CONFIG_DISKS_MAX	64
#define CONFIG_ARGS_MAX		32
#define CONFIG_VDEV_MAX		15
#define CONFIG_VCPUS_MAX	128
#define CONFIG_WEIGHT_MAX	65535	/* credit2's, of a uint16_t */
#define CONFIG_CAP_MAX		(100 * CONFIG_VCPUS_MAX)	/* per cent of a CPU */
#define CONFIG_CPUS_MAX		4096	/* of the host; Xen's own limit */
#define CONFIG_NODES_MAX	64	/* likewise, of its NUMA nodes */
#define CONFIG_MEMORY_MAX	16777215	/* MiB; libxenguest's limit */
#define CONFIG_WARNINGS_MAX	32

#define MAC_SIZE	6
#define MAC_TEXT	18	/* with the NUL */

/**
 * struct vif_config - a network device, as the user asked for it
 * @has_id: @id was given
 * @id: number among the guest's network devices
 * @has_mac: @mac was given
 * @mac: address of the guest's interface
 * @any_mac: it wasn't given; whoever completes this chooses one
 * @bridge: the host's bridge; "" for none
 * @mtu: 0 if it wasn't given
 * @ifname: what the host is to call its interface; "" for the usual name
 * @ip: the guest's addresses, for others to know; "" if they weren't given
 * @rate_bytes: how many octets the guest may send in each @rate_us; 0 if there is
 *	no limit
 * @rate_us: microseconds; 0 if there is no limit
 * @untrusted: the guest isn't to show the backend more than it sends
 */
struct vif_config {
	bool has_id;
	unsigned int id;
	bool has_mac;
	uint8_t mac[MAC_SIZE];
	bool any_mac;
	char bridge[IFNAMSIZ];
	unsigned int mtu;
	char ifname[IFNAMSIZ];
	char ip[CONFIG_IP_MAX + 1];
	uint32_t rate_bytes;
	uint32_t rate_us;
	bool untrusted;
};

/**
 * struct cpu_set - some of the host's CPUs
 * @map: a bit for each, as Xen has them
 * @nodes: NUMA nodes whose CPUs are in it, too; a bit for each
 * @not: CPUs of those that aren't
 * @not_nodes: nodes whose CPUs aren't in it, though they are in @map
 */
struct cpu_set {
	uint8_t map[CONFIG_CPUS_MAX / 8];
	uint64_t nodes;
	uint8_t not[CONFIG_CPUS_MAX / 8];
	uint64_t not_nodes;
};

/**
 * struct cpu_sets - where virtual CPUs may run
 * @sets: of each virtual CPU; those that have none may run anywhere
 * @count: how many; if @common is set, 1
 * @common: all virtual CPUs have the same one
 */
struct cpu_sets {
	struct cpu_set *sets;
	unsigned int count;
	bool common;
};

/**
 * enum config_action - what becomes of a guest that has ended
 * @CONFIG_DESTROY: it goes
 * @CONFIG_RESTART: it is made again
 * @CONFIG_PRESERVE: it stays as it is, to be looked at
 */
enum config_action {
	CONFIG_DESTROY,
	CONFIG_RESTART,
	CONFIG_PRESERVE,
};

/**
 * struct disk_config - a block device, as the user asked for it
 * @path: of the host's block device or file
 * @vdev: what the user calls it
 * @id: number among the guest's block devices, which follows from @vdev
 * @readonly: the guest can't write to it
 * @cdrom: to the guest it is a CD-ROM
 * @no_discard: the guest can't discard blocks
 * @direct_io_safe: direct I/O does no harm, wherever the file is
 * @untrusted: the guest isn't to show the backend more than the data
 * @iops: requests a second, or 0 for any number
 * @bps: octets that are read and written a second, or 0 for any number
 */
struct disk_config {
	char path[PATH_MAX];
	char vdev[CONFIG_VDEV_MAX + 1];
	unsigned int id;
	bool readonly;
	bool cdrom;
	bool no_discard;
	bool direct_io_safe;
	bool untrusted;
	uint32_t iops;
	uint64_t bps;
};

/**
 * enum guest_type - how a guest is virtualised
 * @GUEST_ANY: PVH if its kernel can do that, else PV
 * @GUEST_PV: paravirtualised
 * @GUEST_PVH: by the processor
 */
enum guest_type {
	GUEST_ANY,
	GUEST_PV,
	GUEST_PVH,
};

/**
 * enum timer_mode - what becomes of a timer's ticks for which a guest didn't run
 * @TIMER_DELAY: they come late, and the guest's time with them
 * @TIMER_NO_DELAY: they come late, one after the other, and time goes on
 * @TIMER_NO_MISSED: none comes
 * @TIMER_ONE_MISSED: one comes for all of them
 *
 * As Xen numbers them.
 */
enum timer_mode {
	TIMER_DELAY,
	TIMER_NO_DELAY,
	TIMER_NO_MISSED,
	TIMER_ONE_MISSED,
};

/**
 * enum tsc_mode - what a guest reads that reads the processor's time stamp counter
 * @TSC_DEFAULT: the counter itself if it is a good clock on this host, else what Xen
 *	makes of its own clock
 * @TSC_EMULATE: what Xen makes of its own clock
 * @TSC_NATIVE: the counter itself
 *
 * As Xen numbers them.
 */
enum tsc_mode {
	TSC_DEFAULT,
	TSC_EMULATE,
	TSC_NATIVE,
};

/**
 * struct guest_config - a guest, as its configuration file asks for it
 * @name: unique on the host
 * @has_uuid: @uuid was given
 * @uuid: the user's own; the domain's handle is another
 * @type: how it is virtualised
 * @kernel: path, or NULL with @bootloader
 * @ramdisk: path, or NULL
 * @cmdline: the kernel's command line, "" if there is none
 * @bootloader: pygrub takes kernel and ramdisk from the first disk, and adds @cmdline
 *	to what it finds there
 * @bootloader_args: its options; NULL ends them, and none are NULL
 * @memory: MiB
 * @maxmem: MiB that a PV guest has room for; else @memory
 * @vcpus: virtual CPUs
 * @vcpus_online: how many of them the guest is told to have online; 0: it isn't. No file
 *	says so
 * @cpus: where its CPUs may run
 * @cpus_soft: where they had better run
 * @cpu_weight: share of the host's CPUs, or 0 for the usual one
 * @cap: per cent of a CPU that it gets at most, or 0 for no limit
 * @timer_mode: of the timers that Xen emulates for a PVH guest
 * @tsc_mode: what its time stamp counter is
 * @max_event_channels: highest port that the guest may use
 * @max_grant_frames: pages of its grant table
 * @max_grant_version: of its grant table
 * @max_maptrack_frames: pages for the grants that it maps
 * @on_poweroff: what to do when it has shut down; chaosd does it
 * @on_reboot: when it wants to be started again
 * @on_crash: when it has crashed
 * @vifs: network devices
 * @nr_vifs: how many
 * @disks: block devices
 * @nr_disks: how many
 * @text: the file
 * @file: its name, for messages
 * @warnings: what is in the file and makes no difference
 * @nr_warnings: how many
 */
struct guest_config {
	char name[CONFIG_NAME_MAX + 1];
	bool has_uuid;
	uint8_t uuid[UUID_SIZE];
	enum guest_type type;
	char *kernel;
	char *ramdisk;
	char *cmdline;
	bool bootloader;
	char **bootloader_args;
	unsigned int memory;
	unsigned int maxmem;
	unsigned int vcpus;
	unsigned int vcpus_online;
	struct cpu_sets cpus;
	struct cpu_sets cpus_soft;
	unsigned int cpu_weight;
	unsigned int cap;
	enum timer_mode timer_mode;
	enum tsc_mode tsc_mode;
	unsigned int max_event_channels;
	unsigned int max_grant_frames;
	unsigned int max_grant_version;
	unsigned int max_maptrack_frames;
	enum config_action on_poweroff;
	enum config_action on_reboot;
	enum config_action on_crash;
	struct vif_config *vifs;
	unsigned int nr_vifs;
	struct disk_config *disks;
	unsigned int nr_disks;
	char *text;
	char *file;
	char *warnings[CONFIG_WARNINGS_MAX];
	unsigned int nr_warnings;
};

/**
 * config_type_name() - the word for a type, as in a file
 * @type: the type
 *
 * Return: the word, or NULL for GUEST_ANY.
 */
const char *config_type_name(enum guest_type type);

struct parser;

/**
 * enum config_verdict - what is done with a key of a configuration file
 * @CONFIG_COUNTS: its value is used
 * @CONFIG_IGNORED: the user is told that it makes no difference
 * @CONFIG_REFUSED: there is no such guest
 */
enum config_verdict {
	CONFIG_COUNTS,
	CONFIG_IGNORED,
	CONFIG_REFUSED,
};

/**
 * struct config_key - a key of a configuration file
 * @name: as it is in the file; NULL ends the table
 * @verdict: what is done with it
 * @why: the reason if it doesn't count
 * @set: takes the value if it does
 */
struct config_key {
	const char *name;
	enum config_verdict verdict;
	const char *why;
	int (*set)(struct parser *p);
};

/* All that are known, by name. */
extern const struct config_key config_keys[];

/**
 * config_is_default() - whether a refused key asks for what a guest has anyway
 * @key: the key
 * @value: its value, a text
 *
 * Return: whether it does.
 */
bool config_is_default(const char *key, const char *value);

/**
 * config_action_name() - the word for an action, as in a file
 * @action: the action
 *
 * Return: the word.
 */
const char *config_action_name(enum config_action action);

/**
 * config_action_parse() - the action that a word means
 * @word: as in a file
 * @action: out
 *
 * Return: whether it means one.
 */
bool config_action_parse(const char *word, enum config_action *action);

/**
 * config_parse() - read a configuration file in the syntax of xl.cfg
 * @text: its contents; no NUL is needed at the end
 * @len: how many bytes
 * @name: of the file, for messages
 * @config: out: to be released with config_free(), unless this fails
 * @err: out: the reason of a failure, "NAME:LINE: key: reason"
 *
 * Return: 0, -EINVAL for a file that is wrong, -ENOMEM.
 */
int config_parse(const char *text, size_t len, const char *name,
		 struct guest_config *config, struct error *err);

/**
 * config_wrongs() - all that is wrong with a configuration file
 * @text: its contents; no NUL is needed at the end
 * @len: how many bytes
 * @name: of the file
 *
 * Return: a line for each: keys that ask for what no guest can have, then the
 * others, both in the order of the file, then what is missing or doesn't fit
 * together; of a file for an hvm guest only that; "" if nothing is wrong. For the
 * caller to free(); NULL if there is no memory.
 */
char *config_wrongs(const char *text, size_t len, const char *name);

/**
 * config_path() - the file that a user means
 * @name: what he typed: a path, or the name of one in /etc/chaos
 * @other: room for another one
 * @size: of @other; PATH_MAX is enough
 *
 * Return: @name or @other.
 */
const char *config_path(const char *name, char *other, size_t size);

/**
 * config_load() - read the text of a guest's configuration file
 * @path: of the file
 * @more: lines that count as if they stood at its end, till NULL; or NULL
 * @text: out: to be freed, unless this fails
 * @len: out: how many bytes
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int config_load(const char *path, char *const *more, char **text, size_t *len,
		struct error *err);

/**
 * config_take() - read what config_load() has read
 * @text: the text; no NUL is needed at the end
 * @len: how many bytes
 * @name: of the file, for messages
 * @config: out: as with config_read()
 * @wrongs: out: likewise
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int config_take(const char *text, size_t len, const char *name,
		struct guest_config *config, char **wrongs, struct error *err);

/**
 * config_read() - read a guest's configuration file
 * @path: of the file
 * @more: lines that count as if they stood at its end, till NULL; or NULL
 * @config: out: to be released with config_free(), unless this fails; complete,
 *	as by config_complete_vifs()
 * @wrongs: out: if the file is wrong, all that is, see config_wrongs(); else NULL
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int config_read(const char *path, char *const *more,
		struct guest_config *config, char **wrongs,
		struct error *err);

/**
 * config_free() - release what config_parse() allocated
 * @config: may be all zero
 */
void config_free(struct guest_config *config);

/**
 * config_name_check() - whether a guest may have this name
 * @name: the name
 *
 * Return: NULL if so, else why not.
 */
const char *config_name_check(const char *name);

/**
 * config_parse_vif() - read the description of a network device
 * @spec: "mac=00:16:3e:01:02:03,bridge=xenbr0,mtu=1500", all optional
 * @vif: out
 * @err: out: the reason of a failure, "key: reason"
 *
 * Return: 0, -EINVAL or -ENOMEM.
 */
int config_parse_vif(const char *spec, struct vif_config *vif,
		     struct error *err);

/**
 * config_complete_vifs() - choose what the user left open
 * @vifs: a guest's network devices; each has an id and a mac afterwards
 * @count: how many
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int config_complete_vifs(struct vif_config *vifs, unsigned int count,
			 struct error *err);

/**
 * config_parse_cpus() - read a set of the host's CPUs
 * @text: "all", or like "0-3,8,^2", or "node:0,^2"
 * @set: out
 *
 * Return: NULL, or what is wrong with it.
 */
const char *config_parse_cpus(const char *text, struct cpu_set *set);

/**
 * config_parse_mac() - read the address of an interface
 * @text: like 00:16:3e:01:02:03
 * @mac: out: MAC_SIZE octets
 *
 * Return: whether it is one.
 */
bool config_parse_mac(const char *text, uint8_t *mac);

/**
 * config_format_mac() - write the address of an interface
 * @mac: MAC_SIZE octets
 * @text: out: MAC_TEXT characters
 *
 * Return: @text.
 */
const char *config_format_mac(const uint8_t *mac, char *text);

/**
 * config_format_rate() - write a network device's rate as it could be given
 * @bytes: octets in each interval, not 0
 * @us: microseconds of the interval, not 0
 * @text: out: room for CONFIG_RATE_TEXT bytes
 *
 * Return: @text.
 */
const char *config_format_rate(uint32_t bytes, uint32_t us, char *text);

/**
 * config_parse_disk() - read the description of a block device
 * @spec: "phy:/dev/vg/guest,xvda,w", or the other forms of xl's disk syntax, with iops=
 *	and bps= among the words
 * @disk: out
 * @err: out: the reason of a failure
 *
 * Return: 0, -EINVAL or -ENOMEM.
 */
int config_parse_disk(const char *spec, struct disk_config *disk,
		      struct error *err);

/**
 * config_parse_vdev() - read what a block device is called
 * @vdev: xvda, hda, sda or nxda, and so on; or xvda1 for what is to be a partition
 *	to the guest, without the rest of the disk; or the same as d0, or d0p1; or its
 *	number, see xen-vbd-interface(7)
 * @id: out: its number, as xen/interface/io/noxs.h has them
 *
 * Return: whether it is one.
 */
bool config_parse_vdev(const char *vdev, unsigned int *id);

/**
 * config_disks_clash() - whether a guest can't have both of two block devices
 * @a: number of one
 * @b: number of the other
 *
 * Return: whether they are the same, or a disk and a partition of it.
 */
bool config_disks_clash(unsigned int a, unsigned int b);

#endif /* CHAOS_CONFIG_CONFIG_H */
