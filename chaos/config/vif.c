// SPDX-License-Identifier: GPL-2.0
/*
 * The description of a network device, "key=value,key=value": an entry of
 * the list vif in a configuration file, or the arguments of "chaos vif add".
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "config/config.h"
#include "util/error.h"
#include "util/number.h"
#include "util/util.h"

#define DEFAULT_BRIDGE	"xenbr0"	/* xl's default, too */
#define VIF_ID_MAX	65535
#define VIF_MTU_MIN	68
#define VIF_MTU_MAX	65535

#define SCRIPTS_DIR	"/etc/xen/scripts/"
#define NO_SCRIPT	"no scripts are run; give "

/* xl's default, and noxs_core's and xl's limits */
#define RATE_US_DEFAULT	50000
#define RATE_US_MIN	1000
#define RATE_SPEED_MAX	(4294967295000ULL)

/**
 * struct vif_key - what is done with a key
 * @name: as it is in the description
 * @set: takes its value, and returns why it is wrong, or NULL
 * @only: without @set, the values that make no difference, each followed by
 *	a space; NULL if none does
 * @why: why others are refused
 * @bare: without a value it means "1"
 */
struct vif_key {
	const char *name;
	const char *(*set)(struct vif_config *vif, const char *value);
	const char *only;
	const char *why;
	bool bare;
};

static const char *set_id(struct vif_config *vif, const char *value)
{
	if (!number_parse(value, 0, VIF_ID_MAX, &vif->id))
		return "must be 0 to 65535";
	vif->has_id = true;
	return NULL;
}

static const char *set_mtu(struct vif_config *vif, const char *value)
{
	if (!number_parse(value, VIF_MTU_MIN, VIF_MTU_MAX, &vif->mtu))
		return "must be 68 to 65535";
	return NULL;
}

bool config_parse_mac(const char *text, uint8_t *mac)
{
	char octet[3] = "";
	int i;

	for (i = 0; i < MAC_SIZE; i++, text += 3) {
		if (!isxdigit((unsigned char)text[0]) ||
		    !isxdigit((unsigned char)text[1]) ||
		    text[2] != (i < MAC_SIZE - 1 ? ':' : '\0'))
			return false;
		memcpy(octet, text, 2);
		mac[i] = strtoul(octet, NULL, 16);
	}
	return true;
}

const char *config_format_mac(const uint8_t *mac, char *text)
{
	snprintf(text, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
		 mac[1], mac[2], mac[3], mac[4], mac[5]);
	return text;
}

static const char *set_mac(struct vif_config *vif, const char *value)
{
	static const uint8_t zero[MAC_SIZE];

	if (!config_parse_mac(value, vif->mac))
		return "must be like 00:16:3e:01:02:03";
	if (vif->mac[0] & 1)
		return "is a group's address, not one interface's";
	if (!memcmp(vif->mac, zero, sizeof(zero)))
		return "must not be zero";
	vif->has_mac = true;
	return NULL;
}

static const char *get_ifname(const char *value, char *name)
{
	const char *c;

	if (strlen(value) >= IFNAMSIZ)
		return "is longer than 15 characters";
	if (!strcmp(value, ".") || !strcmp(value, ".."))
		return "is not a name";
	for (c = value; *c; c++)
		if (*c == '/' || *c == ':' || !isgraph((unsigned char)*c))
			return "is not a name";
	strcpy(name, value);
	return NULL;
}

static const char *set_bridge(struct vif_config *vif, const char *value)
{
	return get_ifname(value, vif->bridge);
}

static const char *set_ifname(struct vif_config *vif, const char *value)
{
	unsigned int domid, id;

	if (!*value)
		return "is not a name";
	/* It could be that of another guest's interface, later. */
	if (sscanf(value, "vif%u.%u", &domid, &id) == 2)
		return "must not be like vif1.0, which chaos gives";
	return get_ifname(value, vif->ifname);
}

/* "10Mb/s" and the like, as octets a second; M is a million. */
static const char *get_speed(const char *text, uint64_t *speed)
{
	uint64_t factor = 1;

	if (!number_take(&text, UINT32_MAX, speed))
		return "must be like 10Mb/s or 1MB/s@20ms";
	if (*text == 'K')
		factor = 1000;
	else if (*text == 'M')
		factor = 1000000;
	else if (*text == 'G')
		factor = 1000000000;
	if (factor > 1)
		text++;
	*speed *= factor;
	if (!strcmp(text, "b/s"))
		*speed /= 8;
	else if (strcmp(text, "B/s"))
		return "must be like 10Mb/s or 1MB/s@20ms";
	return *speed > RATE_SPEED_MAX ? "is too high" : NULL;
}

/* "20ms" and the like, as microseconds; without a unit these are seconds. */
static const char *get_interval(const char *text, uint64_t *us)
{
	uint64_t factor = 1000000;

	if (!number_take(&text, UINT32_MAX, us))
		return "the interval must be like 20ms";
	if (*text == 'm')
		factor = 1000;
	else if (*text == 'u')
		factor = 1;
	if (factor < 1000000)
		text++;
	if (*text == 's')
		text++;
	if (*text)
		return "the interval must be like 20ms";
	*us *= factor;
	return *us < RATE_US_MIN || *us > UINT32_MAX ?
		"the interval must be 1ms to 4294s" : NULL;
}

static const char *set_rate(struct vif_config *vif, const char *value)
{
	uint64_t speed, us = RATE_US_DEFAULT, octets;
	size_t len = strcspn(value, "@");
	const char *why;
	char text[32];

	if (len >= sizeof(text))
		return "must be like 10Mb/s or 1MB/s@20ms";
	memcpy(text, value, len);
	text[len] = '\0';
	why = get_speed(text, &speed);
	if (!why && value[len])
		why = get_interval(value + len + 1, &us);
	if (why)
		return why;
	/* The product has more than 64 bits. */
	octets = speed / 1000000 * us + speed % 1000000 * us / 1000000;
	if (!octets)
		return "is less than one octet in an interval";
	if (octets > UINT32_MAX)
		return "is too high";
	vif->rate_bytes = octets;
	vif->rate_us = us;
	return NULL;
}

/* With or without the length of its network's prefix; @text is changed. */
static bool is_address(char *text)
{
	char *slash = strchr(text, '/');
	unsigned int bits, most = 0;
	uint8_t address[16];

	if (slash)
		*slash = '\0';
	if (inet_pton(AF_INET, text, address) == 1)
		most = 32;
	else if (inet_pton(AF_INET6, text, address) == 1)
		most = 128;
	return most && (!slash || number_parse(slash + 1, 0, most, &bits));
}

static const char *set_ip(struct vif_config *vif, const char *value)
{
	char copy[CONFIG_IP_MAX + 1], *rest = copy, *address;

	if (strlen(value) > CONFIG_IP_MAX)
		return "is longer than 255 characters";
	strcpy(copy, value);
	while ((address = strsep(&rest, " ")))
		if (!is_address(address))
			return "must be addresses with a space between them";
	strcpy(vif->ip, value);
	return NULL;
}

/* No scripts are run: what the usual ones do is to be done in another way. */
static const char *check_script(struct vif_config *vif, const char *value)
{
	size_t len = strlen(SCRIPTS_DIR);

	(void)vif;
	if (!strncmp(value, SCRIPTS_DIR, len))
		value += len;
	if (!strcmp(value, "vif-bridge"))
		return NULL;
	if (!strcmp(value, "vif-route") || !strcmp(value, "vif-nat"))
		return NO_SCRIPT "an empty bridge, and routes to the interface";
	if (!strcmp(value, "vif-openvswitch"))
		return NO_SCRIPT "an empty bridge, and the interface to the switch";
	return NO_SCRIPT "an empty bridge, and set up the interface";
}

static const char *set_untrusted(struct vif_config *vif, const char *value)
{
	unsigned int flag;

	if (!number_parse(value, 0, 1, &flag))
		return "must be 0 or 1";
	vif->untrusted = flag;
	return NULL;
}

static const char *set_trusted(struct vif_config *vif, const char *value)
{
	const char *why = set_untrusted(vif, value);

	vif->untrusted = !vif->untrusted;
	return why;
}

static const struct vif_key vif_keys[] = {
	{ .name = "id", .set = set_id },
	{ .name = "devid", .set = set_id },
	{ .name = "mac", .set = set_mac },
	{ .name = "bridge", .set = set_bridge },
	{ .name = "mtu", .set = set_mtu },
	{ .name = "vifname", .set = set_ifname },
	{ .name = "ip", .set = set_ip },
	{ .name = "rate", .set = set_rate },
	{ .name = "type", .only = "vif ",
	  .why = "must be vif; others are for hvm guests" },
	{ .name = "model", .only = "netfront rtl8139 e1000 ",
	  .why = "not supported; it is for hvm guests" },
	{ .name = "script", .set = check_script },
	{ .name = "backend", .only = "0 Domain-0 ",
	  .why = "not supported; backends are in this host" },
	{ .name = "trusted", .set = set_trusted, .bare = true },
	{ .name = "untrusted", .set = set_untrusted, .bare = true },
	{ .name = "accel", .why = "not supported" },
	{ .name = "forwarddev", .why = "not supported" },
	{ .name = "gatewaydev", .why = "not supported" },
	{ .name = "netdev", .why = "not supported" },
	{ .name = "vlan", .why = "not supported; bridge a VLAN's interface" },
};

/* Whether @word, with a space after it, is in @list. */
static bool in_list(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (; list && *list; list += strcspn(list, " ") + 1)
		if (!strncmp(list, word, len) && list[len] == ' ')
			return true;
	return false;
}

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t");
	len = strlen(text);
	while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		text[--len] = '\0';
	return text;
}

static int parse_pair(char *pair, struct vif_config *vif, bool *seen,
		      struct error *err)
{
	const char *why, *value;
	char *equals;
	size_t i;

	equals = strchr(pair, '=');
	if (equals)
		*equals++ = '\0';
	pair = trim(pair);
	for (i = 0; i < ARRAY_SIZE(vif_keys); i++)
		if (!strcmp(vif_keys[i].name, pair))
			break;
	if (!equals && (i == ARRAY_SIZE(vif_keys) || !vif_keys[i].bare))
		return error_set(err, -EINVAL, "%s: must be key=value", pair);
	if (i == ARRAY_SIZE(vif_keys))
		return error_set(err, -EINVAL, "%s: unknown key", pair);
	value = equals ? trim(equals) : "1";
	if (seen[i])
		return error_set(err, -EINVAL, "%s: is given twice", pair);
	seen[i] = true;
	if (vif_keys[i].set)
		why = vif_keys[i].set(vif, value);
	else if (in_list(vif_keys[i].only, value))
		why = NULL;
	else
		why = vif_keys[i].why;
	return why ? error_set(err, -EINVAL, "%s: %s", pair, why) : 0;
}

int config_parse_vif(const char *spec, struct vif_config *vif,
		     struct error *err)
{
	bool seen[ARRAY_SIZE(vif_keys)] = { false };
	char *copy, *rest, *pair;
	int ret = 0;

	memset(vif, 0, sizeof(*vif));
	strcpy(vif->bridge, DEFAULT_BRIDGE);
	copy = strdup(spec);
	if (!copy)
		return error_no_memory(err);
	rest = copy;
	while (!ret && (pair = strsep(&rest, ","))) {
		pair = trim(pair);
		if (*pair)
			ret = parse_pair(pair, vif, seen, err);
	}
	free(copy);
	return ret;
}

const char *config_format_rate(uint32_t bytes, uint32_t us, char *text)
{
	static const char *const units[] = { "", "K", "M", "G" };
	unsigned long long speed = (bytes * 1000000ULL + us / 2) / us;
	size_t unit = 0;

	while (speed && speed % 1000 == 0 && unit < ARRAY_SIZE(units) - 1) {
		speed /= 1000;
		unit++;
	}
	if (us % 1000)
		snprintf(text, CONFIG_RATE_TEXT, "%llu%sB/s@%uus", speed,
			 units[unit], us);
	else
		snprintf(text, CONFIG_RATE_TEXT, "%llu%sB/s@%ums", speed,
			 units[unit], us / 1000);
	return text;
}

static bool is_id_taken(const struct vif_config *vifs, unsigned int count,
			unsigned int id)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (vifs[i].has_id && vifs[i].id == id)
			return true;
	return false;
}

int config_complete_vifs(struct vif_config *vifs, unsigned int count,
			 struct error *err)
{
	/* Xen's own prefix; the rest is random. */
	static const uint8_t prefix[3] = { 0x00, 0x16, 0x3e };
	unsigned int i, id = 0;

	for (i = 0; i < count; i++) {
		struct vif_config *vif = vifs + i;

		if (!vif->has_id) {
			while (is_id_taken(vifs, count, id))
				id++;
			vif->id = id;
			vif->has_id = true;
		}
		if (vif->has_mac)
			continue;
		if (getrandom(vif->mac, sizeof(vif->mac), 0) !=
		    sizeof(vif->mac))
			return error_sys(err, -errno, "random numbers");
		memcpy(vif->mac, prefix, sizeof(prefix));
		vif->mac[3] &= 0x7f;
		vif->has_mac = true;
		vif->any_mac = true;
	}
	return 0;
}
