// SPDX-License-Identifier: GPL-2.0
/*
 * Which keys a configuration file may have, and what they mean. The manual,
 * chaos.cfg(5), has the same table; a test compares them.
 */
#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/parser.h"
#include "util/error.h"

static int set_name(struct parser *p)
{
	const char *value, *why;
	int ret;

	ret = parser_string(p, &value);
	if (ret)
		return ret;
	why = config_name_check(value);
	if (why)
		return parser_bad(p, "%s", why);
	strcpy(p->config->name, value);
	return 0;
}

static int set_type(struct parser *p)
{
	const char *value;
	int ret;

	ret = parser_string(p, &value);
	if (ret)
		return ret;
	if (!strcmp(value, "hvm"))
		return parser_hvm(p);
	if (!strcmp(value, "pv"))
		p->config->type = GUEST_PV;
	else if (!strcmp(value, "pvh"))
		p->config->type = GUEST_PVH;
	else
		return parser_bad(p, "must be \"pv\" or \"pvh\"");
	return 0;
}

/* xl's older key for the type: "generic" is PV. */
static int set_builder(struct parser *p)
{
	const char *value;
	int ret;

	ret = parser_string(p, &value);
	if (ret)
		return ret;
	if (!strcmp(value, "hvm"))
		return parser_hvm(p);
	if (strcmp(value, "generic") && strcmp(value, "linux"))
		return parser_bad(p, "must be \"generic\"");
	if (p->config->type == GUEST_ANY)
		p->config->type = GUEST_PV;
	return 0;
}

static int set_uuid(struct parser *p)
{
	const char *value;
	int ret;

	ret = parser_string(p, &value);
	if (ret)
		return ret;
	if (!uuid_parse(value, p->config->uuid))
		return parser_bad(p, "must be a UUID, 8-4-4-4-12 hexadecimal digits");
	p->config->has_uuid = true;
	return 0;
}

#define BOOT_LOADER	"is a boot loader that finds its disk through XenStore; give bootloader=\"pygrub\", or the guest's own kernel, and ramdisk"

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Boot loaders that are started as a kernel, by what their names begin with. */
static bool is_boot_loader(const char *path)
{
	static const char *const prefixes[] = {
		"pv-grub", "pvgrub", "grub-x86_64-xen", "grub-i386-xen",
	};
	const char *name = name_of(path);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

static int set_kernel(struct parser *p)
{
	int ret;

	ret = parser_path(p, &p->config->kernel);
	if (ret)
		return ret;
	/* What starts an hvm guest was named here once. */
	if (!strcmp(name_of(p->config->kernel), "hvmloader"))
		return parser_hvm(p);
	if (is_boot_loader(p->config->kernel))
		return parser_bad(p, "%s", BOOT_LOADER);
	return 0;
}

/* None, for xl, may be written so. */
static int set_ramdisk(struct parser *p)
{
	const char *value;
	int ret;

	ret = parser_string(p, &value);
	if (ret || !*value)
		return ret;
	return parser_path(p, &p->config->ramdisk);
}

/* By whatever path: Xen's package has the one that is run. */
static int set_bootloader(struct parser *p)
{
	const char *value;
	int ret;

	ret = parser_string(p, &value);
	if (ret || !*value)
		return ret;
	p->bootloader = true;
	if (is_boot_loader(value))
		return parser_bad(p, "%s", BOOT_LOADER);
	if (strcmp(name_of(value), "pygrub"))
		return parser_bad(p, "only pygrub is supported");
	p->config->bootloader = true;
	return 0;
}

static int add_arg(struct parser *p, const char *text)
{
	char **arg = p->config->bootloader_args;
	unsigned int count = 0;

	for (; *arg; arg++)
		count++;
	if (count == CONFIG_ARGS_MAX)
		return parser_bad(p, "has more than %d entries",
				  CONFIG_ARGS_MAX);
	*arg = strdup(text);
	return *arg ? 0 : parser_no_memory(p);
}

/* As xl does it with a string, which has no quotes to it. */
static int split_args(struct parser *p, const char *text)
{
	char *copy = strdup(text), *rest = copy, *word;
	int ret = 0;

	if (!copy)
		return parser_no_memory(p);
	while (!ret && (word = strsep(&rest, " \t\n")))
		if (*word)
			ret = add_arg(p, word);
	free(copy);
	return ret;
}

static int set_bootloader_args(struct parser *p)
{
	XLU_ConfigList *list;
	int count, i, ret = 0;
	const char *text;
	char **args;

	args = calloc(CONFIG_ARGS_MAX + 1, sizeof(*args));
	p->config->bootloader_args = args;
	if (!args)
		return parser_no_memory(p);
	if (!xlu_cfg_get_string(p->xlu, p->key, &text, 1))
		return split_args(p, text);
	/* What is no string is a list. */
	(void)xlu_cfg_get_list(p->xlu, p->key, &list, &count, 1);
	for (i = 0; !ret && i < count; i++) {
		text = xlu_cfg_get_listitem(list, i);
		ret = text ? add_arg(p, text) :
			     parser_bad_entry(p, i, "must be a string");
	}
	return ret;
}

static int set_cmdline(struct parser *p)
{
	return parser_string(p, &p->cmdline);
}

static int set_root(struct parser *p)
{
	return parser_string(p, &p->root);
}

static int set_extra(struct parser *p)
{
	return parser_string(p, &p->extra);
}

static int set_memory(struct parser *p)
{
	return parser_number(p, 1, CONFIG_MEMORY_MAX, &p->config->memory);
}

static int set_vcpus(struct parser *p)
{
	return parser_number(p, 1, CONFIG_VCPUS_MAX, &p->config->vcpus);
}

static int set_maxmem(struct parser *p)
{
	return parser_number(p, 1, CONFIG_MEMORY_MAX, &p->maxmem);
}

static int set_maxvcpus(struct parser *p)
{
	return parser_number(p, 1, CONFIG_VCPUS_MAX, &p->maxvcpus);
}

static int get_cpus_list(struct parser *p, XLU_ConfigList *list,
			 struct cpu_sets *cpus)
{
	unsigned int i;

	for (i = 0; i < cpus->count; i++) {
		const char *text = xlu_cfg_get_listitem(list, i), *why;

		why = text ? config_parse_cpus(text, &cpus->sets[i]) :
			     "must be a string";
		if (why)
			return parser_bad_entry(p, i, why);
	}
	return 0;
}

/* One set for all virtual CPUs, or a list with one for each. */
static int get_cpus(struct parser *p, struct cpu_sets *cpus)
{
	XLU_ConfigList *list;
	const char *text, *why;
	int count = 1;

	/* What is no string is a list. */
	cpus->common = !xlu_cfg_get_string(p->xlu, p->key, &text, 1);
	if (!cpus->common)
		(void)xlu_cfg_get_list(p->xlu, p->key, &list, &count, 1);
	if (count > CONFIG_VCPUS_MAX)
		return parser_bad(p, "has more than %d entries",
				  CONFIG_VCPUS_MAX);
	cpus->sets = calloc(count ? count : 1, sizeof(*cpus->sets));
	if (!cpus->sets)
		return parser_no_memory(p);
	cpus->count = count;
	if (!cpus->common)
		return get_cpus_list(p, list, cpus);
	why = config_parse_cpus(text, cpus->sets);
	return why ? parser_bad(p, "%s", why) : 0;
}

static int set_cpus(struct parser *p)
{
	return get_cpus(p, &p->config->cpus);
}

static int set_cpus_soft(struct parser *p)
{
	return get_cpus(p, &p->config->cpus_soft);
}

static int set_weight(struct parser *p)
{
	return parser_number(p, 1, CONFIG_WEIGHT_MAX, &p->config->cpu_weight);
}

static int set_cap(struct parser *p)
{
	return parser_number(p, 0, CONFIG_CAP_MAX, &p->config->cap);
}

static int get_action(struct parser *p, enum config_action *action)
{
	const char *value;
	int ret;

	ret = parser_string(p, &value);
	if (ret)
		return ret;
	if (config_action_parse(value, action))
		return 0;
	/* xl writes the guest's memory to a file first. */
	if (!strcmp(value, "coredump-destroy"))
		*action = CONFIG_DESTROY;
	else if (!strcmp(value, "coredump-restart"))
		*action = CONFIG_RESTART;
	else
		return parser_bad(p, "must be \"destroy\", \"restart\" or \"preserve\"");
	return parser_warn(p, "no core is written");
}

static int set_on_poweroff(struct parser *p)
{
	return get_action(p, &p->config->on_poweroff);
}

static int set_on_reboot(struct parser *p)
{
	return get_action(p, &p->config->on_reboot);
}

static int set_on_crash(struct parser *p)
{
	return get_action(p, &p->config->on_crash);
}

static int set_event_channels(struct parser *p)
{
	return parser_number(p, 15, 131071, &p->config->max_event_channels);
}

static int set_grant_frames(struct parser *p)
{
	return parser_number(p, 1, 65535, &p->config->max_grant_frames);
}

static int set_grant_version(struct parser *p)
{
	return parser_number(p, 1, 2, &p->config->max_grant_version);
}

static int set_maptrack_frames(struct parser *p)
{
	/* The guest maps its device page: none wouldn't do. */
	return parser_number(p, 1, 65535, &p->config->max_maptrack_frames);
}

/* Whether the guest is of this type for certain: what the file says, or will. */
static bool is_type(struct parser *p, const char *type)
{
	const char *value;

	return !xlu_cfg_get_string(p->xlu, "type", &value, 1) &&
	       !strcmp(value, type);
}

/* One of some words, or its number, as xl takes both. */
static int get_word(struct parser *p, const char *const *words, size_t count,
		    unsigned int *which)
{
	const char *value;
	int ret;

	ret = parser_string(p, &value);
	if (ret)
		return ret;
	for (*which = 0; *which < count; (*which)++)
		if (!strcmp(value, words[*which]))
			return 0;
	if (isdigit((unsigned char)*value))
		return parser_number(p, 0, count - 1, which);
	return parser_bad(p, "must be a mode of xl's, like \"%s\"",
			  words[0]);
}

static int set_timer_mode(struct parser *p)
{
	static const char *const modes[] = {
		[TIMER_DELAY] = "delay_for_missed_ticks",
		[TIMER_NO_DELAY] = "no_delay_for_missed_ticks",
		[TIMER_NO_MISSED] = "no_missed_ticks_pending",
		[TIMER_ONE_MISSED] = "one_missed_tick_pending",
	};
	unsigned int mode;
	int ret;

	ret = get_word(p, modes, ARRAY_SIZE(modes), &mode);
	if (!ret)
		p->config->timer_mode = mode;
	return ret;
}

static int set_tsc_mode(struct parser *p)
{
	static const char *const modes[] = {
		[TSC_DEFAULT] = "default",
		[TSC_EMULATE] = "always_emulate",
		[TSC_NATIVE] = "native",
	};
	unsigned int mode;
	int ret;

	ret = get_word(p, modes, ARRAY_SIZE(modes), &mode);
	if (!ret)
		p->config->tsc_mode = mode;
	return ret;
}

/* A key that makes a difference to pvh guests only, and for them it is fixed. */
static int pvh_only(struct parser *p, const char *why)
{
	if (is_type(p, "pv"))
		return 0;
	if (is_type(p, "pvh"))
		return parser_bad(p, "%s", why);
	return parser_warn(p, why);
}

/* @has: what all of them have */
static int pvh_flag(struct parser *p, unsigned int has, const char *why)
{
	unsigned int value;
	int ret;

	ret = parser_number(p, 0, 1, &value);
	if (ret || value == has)
		return ret;
	return pvh_only(p, why);
}

static int set_acpi(struct parser *p)
{
	return pvh_flag(p, 1, "a pvh guest finds its CPUs in ACPI tables, and always has them");
}

static int set_hap(struct parser *p)
{
	return pvh_flag(p, 1, "a pvh guest has it if the host's processors have it");
}

static int set_oos(struct parser *p)
{
	return pvh_flag(p, 1, "it is on where Xen shadows a pvh guest's page tables");
}

static int set_nestedhvm(struct parser *p)
{
	return pvh_flag(p, 0, "a pvh guest can't run guests of its own");
}

static int set_altp2m(struct parser *p)
{
	static const char *const modes[] = {
		"disabled", "mixed", "external", "limited",
	};
	unsigned int mode;
	int ret;

	ret = get_word(p, modes, ARRAY_SIZE(modes), &mode);
	if (ret || !mode)
		return ret;
	return pvh_only(p, "a pvh guest has one view of its memory");
}

/**
 * struct device_list - a key whose value is a list of devices
 * @example: of its value
 * @max: most entries
 * @size: of what an entry becomes
 * @parse: makes it of an entry
 */
struct device_list {
	const char *example;
	int max;
	size_t size;
	int (*parse)(const char *spec, void *device, struct error *err);
};

static int parse_entry(struct parser *p, const struct device_list *devices,
		       XLU_ConfigList *list, int i, void *device)
{
	const char *spec = xlu_cfg_get_listitem(list, i);
	struct error why;
	int ret;

	if (!spec)
		return parser_bad_entry(p, i, "must be a string");
	ret = devices->parse(spec, device, &why);
	if (ret)
		parser_bad_entry(p, i, why.text);
	return ret;
}

/* Those that are wrong are left out, if there is to be no guest anyway. */
static int parse_entries(struct parser *p, const struct device_list *devices,
			 XLU_ConfigList *list, int count, void *array,
			 unsigned int *nr)
{
	unsigned int line = p->line;
	int i, ret;

	for (i = 0; i < count; i++) {
		p->line = line;
		ret = parse_entry(p, devices, list, i,
				  (char *)array + *nr * devices->size);
		if (!ret)
			(*nr)++;
		ret = parser_note(p, ret);
		if (ret)
			return ret;
	}
	return 0;
}

static int get_devices(struct parser *p, const struct device_list *devices,
		       void **array, unsigned int *nr)
{
	XLU_ConfigList *list;
	int count;

	if (xlu_cfg_get_list(p->xlu, p->key, &list, &count, 1))
		return parser_bad(p, "must be a list: [ '%s' ]",
				  devices->example);
	if (count > devices->max)
		return parser_bad(p, "has more than %d entries", devices->max);
	*array = calloc(count ? count : 1, devices->size);
	if (!*array)
		return parser_no_memory(p);
	return parse_entries(p, devices, list, count, *array, nr);
}

static int parse_vif(const char *spec, void *vif, struct error *err)
{
	return config_parse_vif(spec, vif, err);
}

static int parse_disk(const char *spec, void *disk, struct error *err)
{
	return config_parse_disk(spec, disk, err);
}

static int set_vif(struct parser *p)
{
	static const struct device_list vifs = {
		"mac=...,bridge=...", CONFIG_VIFS_MAX,
		sizeof(struct vif_config), parse_vif,
	};
	void *array = NULL;
	int ret;

	ret = get_devices(p, &vifs, &array, &p->config->nr_vifs);
	p->config->vifs = array;
	return ret;
}

static int set_disk(struct parser *p)
{
	static const struct device_list disks = {
		"phy:/dev/...,xvda,w", CONFIG_DISKS_MAX,
		sizeof(struct disk_config), parse_disk,
	};
	void *array = NULL;
	int ret;

	ret = get_devices(p, &disks, &array, &p->config->nr_disks);
	p->config->disks = array;
	return ret;
}

#define NO_FIRMWARE	"none is run: pvgrub finds its disk through XenStore, others are for hvm guests; give bootloader=\"pygrub\", or kernel and ramdisk"
#define NO_DEVICE	"this kind of device is not supported"
#define NO_SCHEDULER	"not supported; give cpu_weight and cap"
#define NO_SHIM		"not supported"
#define NOT_SUPPORTED	"not supported"

#define FOR_ARM		"it is for Arm"
#define CONFINED	"pygrub is always confined, as a user of its own"
#define FOR_HVM		"it is for hvm guests"
#define NO_DISPLAY	"a guest has a console and no display"
#define NO_PCI		"a guest has no PCI devices"
#define OF_XM		"it was for xm, and xl doesn't know it"

#define COUNTS(key, function)	{ .name = (key), .set = (function) }
#define IGNORED(key, reason) \
	{ .name = (key), .verdict = CONFIG_IGNORED, .why = (reason) }
#define REFUSED(key, reason) \
	{ .name = (key), .verdict = CONFIG_REFUSED, .why = (reason) }

const struct config_key config_keys[] = {
	COUNTS("acpi", set_acpi),
	IGNORED("acpi_firmware", FOR_HVM),
	IGNORED("acpi_laptop_slate", FOR_HVM),
	IGNORED("acpi_s3", FOR_HVM),
	IGNORED("acpi_s4", FOR_HVM),
	COUNTS("altp2m", set_altp2m),
	IGNORED("altp2mhvm", FOR_HVM),
	IGNORED("apic", FOR_HVM),
	IGNORED("bios", FOR_HVM),
	IGNORED("bios_path_override", FOR_HVM),
	IGNORED("blkif", OF_XM),
	IGNORED("boot", FOR_HVM),
	COUNTS("bootloader", set_bootloader),
	COUNTS("bootloader_args", set_bootloader_args),
	IGNORED("bootloader_restrict", CONFINED),
	IGNORED("bootloader_user", CONFINED),
	COUNTS("builder", set_builder),
	COUNTS("cap", set_cap),
	REFUSED("channel", NO_DEVICE),
	IGNORED("claim_mode", "memory is always claimed first"),
	COUNTS("cmdline", set_cmdline),
	IGNORED("cpu", OF_XM),
	COUNTS("cpu_weight", set_weight),
	REFUSED("cpuid", NOT_SUPPORTED),
	COUNTS("cpus", set_cpus),
	COUNTS("cpus_soft", set_cpus_soft),
	IGNORED("device_model", FOR_HVM),
	IGNORED("device_model_args", FOR_HVM),
	IGNORED("device_model_args_hvm", FOR_HVM),
	IGNORED("device_model_args_pv", FOR_HVM),
	IGNORED("device_model_override", FOR_HVM),
	IGNORED("device_model_stubdomain_override", FOR_HVM),
	IGNORED("device_model_stubdomain_seclabel", FOR_HVM),
	IGNORED("device_model_user", FOR_HVM),
	IGNORED("device_model_version", FOR_HVM),
	REFUSED("device_tree", NOT_SUPPORTED),
	IGNORED("dhcp", OF_XM),
	COUNTS("disk", set_disk),
	IGNORED("dm_restrict", FOR_HVM),
	REFUSED("driver_domain", NOT_SUPPORTED),
	REFUSED("dtdev", NO_DEVICE),
	REFUSED("e820_host", NOT_SUPPORTED),
	IGNORED("extid", OF_XM),
	COUNTS("extra", set_extra),
	REFUSED("extratime", NO_SCHEDULER),
	IGNORED("features", OF_XM),
	REFUSED("firmware", NO_FIRMWARE),
	IGNORED("firmware_override", FOR_HVM),
	IGNORED("gateway", OF_XM),
	IGNORED("gfx_passthru", FOR_HVM),
	IGNORED("gic_version", FOR_ARM),
	IGNORED("guest_os_type", OF_XM),
	COUNTS("hap", set_hap),
	IGNORED("hdtype", FOR_HVM),
	IGNORED("hostname", OF_XM),
	IGNORED("hpet", FOR_HVM),
	IGNORED("hvm_pirq", FOR_HVM),
	REFUSED("init_seclabel", NOT_SUPPORTED),
	IGNORED("interface", OF_XM),
	REFUSED("iomem", NO_DEVICE),
	REFUSED("ioports", NO_DEVICE),
	IGNORED("ip", OF_XM),
	REFUSED("irqs", NO_DEVICE),
	COUNTS("kernel", set_kernel),
	IGNORED("keymap", NO_DISPLAY),
	REFUSED("latency", NO_SCHEDULER),
	IGNORED("llc_colors", FOR_ARM),
	IGNORED("localtime", "the guest's clock is in UTC"),
	COUNTS("max_event_channels", set_event_channels),
	COUNTS("max_grant_frames", set_grant_frames),
	COUNTS("max_grant_version", set_grant_version),
	COUNTS("max_maptrack_frames", set_maptrack_frames),
	COUNTS("maxmem", set_maxmem),
	COUNTS("maxvcpus", set_maxvcpus),
	IGNORED("mca_caps", FOR_HVM),
	COUNTS("memory", set_memory),
	IGNORED("mmio_hole", FOR_HVM),
	IGNORED("ms_vm_genid", FOR_HVM),
	REFUSED("msr_relaxed", NOT_SUPPORTED),
	COUNTS("name", set_name),
	COUNTS("nestedhvm", set_nestedhvm),
	IGNORED("netif", OF_XM),
	IGNORED("netmask", OF_XM),
	IGNORED("nfs_root", OF_XM),
	IGNORED("nfs_server", OF_XM),
	IGNORED("nographic", NO_DISPLAY),
	IGNORED("nomigrate", "guests are not migrated"),
	IGNORED("nr_spis", FOR_ARM),
	IGNORED("nx", FOR_HVM),
	COUNTS("on_crash", set_on_crash),
	COUNTS("on_poweroff", set_on_poweroff),
	COUNTS("on_reboot", set_on_reboot),
	IGNORED("on_soft_reset", "what on_reboot says is done"),
	IGNORED("on_watchdog", "what on_crash says is done"),
	IGNORED("on_xend_start", OF_XM),
	IGNORED("on_xend_stop", OF_XM),
	COUNTS("oos", set_oos),
	IGNORED("opengl", NO_DISPLAY),
	REFUSED("p9", NO_DEVICE),
	IGNORED("pae", FOR_HVM),
	REFUSED("passthrough", NOT_SUPPORTED),
	REFUSED("pci", NO_DEVICE),
	IGNORED("pci_msitranslate", NO_PCI),
	IGNORED("pci_permissive", NO_PCI),
	IGNORED("pci_power_mgmt", NO_PCI),
	IGNORED("pci_seize", NO_PCI),
	REFUSED("period", NO_SCHEDULER),
	REFUSED("pool", NOT_SUPPORTED),
	REFUSED("pvcalls", NO_DEVICE),
	REFUSED("pvh", "not supported; give type"),
	REFUSED("pvshim", NO_SHIM),
	REFUSED("pvshim_cmdline", NO_SHIM),
	REFUSED("pvshim_extra", NO_SHIM),
	REFUSED("pvshim_path", NO_SHIM),
	COUNTS("ramdisk", set_ramdisk),
	IGNORED("rdm", NO_PCI),
	IGNORED("rdm_mem_boundary", NO_PCI),
	COUNTS("root", set_root),
	IGNORED("rtc_timeoffset", "the guest's clock is in UTC"),
	IGNORED("sdl", NO_DISPLAY),
	REFUSED("seclabel", NOT_SUPPORTED),
	IGNORED("serial", NO_DISPLAY),
	IGNORED("shadow_memory", "a pvh guest has as much as its memory takes"),
	REFUSED("slice", NO_SCHEDULER),
	IGNORED("smbios", FOR_HVM),
	IGNORED("smbios_firmware", FOR_HVM),
	IGNORED("soundhw", FOR_HVM),
	IGNORED("spice", NO_DISPLAY),
	IGNORED("spice_clipboard_sharing", NO_DISPLAY),
	IGNORED("spice_image_compression", NO_DISPLAY),
	IGNORED("spice_streaming_video", NO_DISPLAY),
	IGNORED("spiceagent_mouse", NO_DISPLAY),
	IGNORED("spicedisable_ticketing", NO_DISPLAY),
	IGNORED("spicehost", NO_DISPLAY),
	IGNORED("spicepasswd", NO_DISPLAY),
	IGNORED("spiceport", NO_DISPLAY),
	IGNORED("spicetls_port", NO_DISPLAY),
	IGNORED("spiceusbredirection", NO_DISPLAY),
	IGNORED("spicevdagent", NO_DISPLAY),
	IGNORED("stdvga", FOR_HVM),
	IGNORED("stubdomain_cmdline", FOR_HVM),
	IGNORED("stubdomain_kernel", FOR_HVM),
	IGNORED("stubdomain_memory", FOR_HVM),
	IGNORED("stubdomain_ramdisk", FOR_HVM),
	IGNORED("sve", FOR_ARM),
	IGNORED("tee", FOR_ARM),
	COUNTS("timer_mode", set_timer_mode),
	IGNORED("tpmif", OF_XM),
	COUNTS("tsc_mode", set_tsc_mode),
	COUNTS("type", set_type),
	IGNORED("usb", FOR_HVM),
	REFUSED("usbctrl", NO_DEVICE),
	REFUSED("usbdev", NO_DEVICE),
	IGNORED("usbdevice", FOR_HVM),
	IGNORED("usbversion", FOR_HVM),
	COUNTS("uuid", set_uuid),
	COUNTS("vcpus", set_vcpus),
	REFUSED("vdispl", NO_DEVICE),
	IGNORED("vendor_device", FOR_HVM),
	IGNORED("vfb", NO_DISPLAY),
	IGNORED("vga", FOR_HVM),
	IGNORED("videoram", FOR_HVM),
	COUNTS("vif", set_vif),
	REFUSED("vif2", NO_DEVICE),
	IGNORED("viridian", FOR_HVM),
	REFUSED("virtio", NO_DEVICE),
	IGNORED("vkb", NO_DISPLAY),
	IGNORED("vkb_device", NO_DISPLAY),
	REFUSED("vmtrace_buf_kb", NOT_SUPPORTED),
	IGNORED("vnc", NO_DISPLAY),
	IGNORED("vncconsole", NO_DISPLAY),
	IGNORED("vncdisplay", NO_DISPLAY),
	IGNORED("vnclisten", NO_DISPLAY),
	IGNORED("vncpasswd", NO_DISPLAY),
	IGNORED("vncunused", NO_DISPLAY),
	IGNORED("vncviewer", NO_DISPLAY),
	REFUSED("vnuma", NOT_SUPPORTED),
	REFUSED("vpmu", NOT_SUPPORTED),
	IGNORED("vpt_align", FOR_HVM),
	REFUSED("vscsi", NO_DEVICE),
	REFUSED("vsnd", NO_DEVICE),
	REFUSED("vtpm", NO_DEVICE),
	REFUSED("vuart", NO_DEVICE),
	IGNORED("xauthority", NO_DISPLAY),
	IGNORED("xen_platform_pci", FOR_HVM),
	IGNORED("xend_suspend_evtchn_compat", "there is no xend"),
	{ .name = NULL },
};

/* What refused keys may say all the same: a guest has that anyway. */
static const struct {
	const char *key;
	const char *value;
} defaults[] = {
	{ "firmware", "" },
	{ "passthrough", "disabled" },
	{ "pool", "Pool-0" },
};

bool config_is_default(const char *key, const char *value)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(defaults); i++)
		if (!strcmp(defaults[i].key, key))
			return !strcmp(defaults[i].value, value);
	return false;
}

static_assert(ARRAY_SIZE(config_keys) <= CONFIG_KEYS_MAX,
	      "struct parser has a flag for each");
