// SPDX-License-Identifier: GPL-2.0
/*
 * The description of a network device, "key=value,key=value": an entry of
 * the list vif in a configuration file, or the arguments of "chaos vif add".
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "error.h"
#include "util.h"

#define DEFAULT_BRIDGE	"xenbr0"	/* xl's default, too */
#define VIF_ID_MAX	65535
#define VIF_MTU_MIN	68
#define VIF_MTU_MAX	65535

/**
 * struct vif_key - what is done with a key
 * @name: as it is in the description
 * @set: takes its value, and returns why it is wrong, or NULL
 * @only: without @set, the values that make no difference, each followed by
 *	a space; NULL if none does
 * @why: why others are refused
 */
struct vif_key {
	const char *name;
	const char *(*set)(struct vif_config *vif, const char *value);
	const char *only;
	const char *why;
};

static bool get_number(const char *text, unsigned long max,
		       unsigned long *number)
{
	char *end;

	if (!isdigit((unsigned char)*text) || strlen(text) > 8)
		return false;
	*number = strtoul(text, &end, 10);
	return !*end && *number <= max;
}

static const char *set_id(struct vif_config *vif, const char *value)
{
	unsigned long id;

	if (!get_number(value, VIF_ID_MAX, &id))
		return "must be 0 to 65535";
	vif->id = id;
	vif->has_id = true;
	return NULL;
}

static const char *set_mtu(struct vif_config *vif, const char *value)
{
	unsigned long mtu;

	if (!get_number(value, VIF_MTU_MAX, &mtu) || mtu < VIF_MTU_MIN)
		return "must be 68 to 65535";
	vif->mtu = mtu;
	return NULL;
}

static const char *set_mac(struct vif_config *vif, const char *value)
{
	static const uint8_t zero[6];
	const char *at = value;
	char octet[3] = "";
	int i;

	for (i = 0; i < 6; i++, at += 3) {
		if (!isxdigit((unsigned char)at[0]) ||
		    !isxdigit((unsigned char)at[1]) ||
		    at[2] != (i < 5 ? ':' : '\0'))
			return "must be like 00:16:3e:01:02:03";
		memcpy(octet, at, 2);
		vif->mac[i] = strtoul(octet, NULL, 16);
	}
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

static bool is_address(const char *text)
{
	uint8_t address[16];

	return inet_pton(AF_INET, text, address) == 1 ||
	       inet_pton(AF_INET6, text, address) == 1;
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

static const struct vif_key vif_keys[] = {
	{ .name = "id", .set = set_id },
	{ .name = "devid", .set = set_id },
	{ .name = "mac", .set = set_mac },
	{ .name = "bridge", .set = set_bridge },
	{ .name = "mtu", .set = set_mtu },
	{ .name = "vifname", .set = set_ifname },
	{ .name = "ip", .set = set_ip },
	{ .name = "type", .only = "vif ", .why = "must be vif" },
	{ .name = "model", .only = "netfront rtl8139 e1000 ",
	  .why = "not supported; it is for hvm guests" },
	{ .name = "script", .only = "vif-bridge ",
	  .why = "not supported; no scripts are run" },
	{ .name = "backend", .only = "0 Domain-0 ",
	  .why = "not supported; backends are in this host" },
	/* No guest ever trusts a backend. */
	{ .name = "trusted", .only = "0 1 ", .why = "must be 0 or 1" },
	{ .name = "accel", .why = "not supported" },
	{ .name = "forwarddev", .why = "not supported" },
	{ .name = "gatewaydev", .why = "not supported" },
	{ .name = "netdev", .why = "not supported" },
	{ .name = "rate",
	  .why = "not supported; the host's tc limits its interface" },
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

__printf(3, 4)
static int bad(char *err, size_t errlen, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err, errlen, fmt, args);
	va_end(args);
	error_clean(err);
	return -EINVAL;
}

static int parse_pair(char *pair, struct vif_config *vif, bool *seen,
		      char *err, size_t errlen)
{
	const char *why;
	char *value;
	size_t i;

	value = strchr(pair, '=');
	if (!value)
		return bad(err, errlen, "%s: must be key=value", pair);
	*value++ = '\0';
	pair = trim(pair);
	value = trim(value);
	for (i = 0; i < ARRAY_SIZE(vif_keys); i++)
		if (!strcmp(vif_keys[i].name, pair))
			break;
	if (i == ARRAY_SIZE(vif_keys))
		return bad(err, errlen, "%s: unknown key", pair);
	if (seen[i])
		return bad(err, errlen, "%s: is given twice", pair);
	seen[i] = true;
	if (vif_keys[i].set)
		why = vif_keys[i].set(vif, value);
	else if (in_list(vif_keys[i].only, value))
		why = NULL;
	else
		why = vif_keys[i].why;
	return why ? bad(err, errlen, "%s: %s", pair, why) : 0;
}

int config_parse_vif(const char *spec, struct vif_config *vif,
		     char *err, size_t errlen)
{
	bool seen[ARRAY_SIZE(vif_keys)] = { false };
	char *copy, *rest, *pair;
	int ret = 0;

	memset(vif, 0, sizeof(*vif));
	strcpy(vif->bridge, DEFAULT_BRIDGE);
	copy = strdup(spec);
	if (!copy) {
		bad(err, errlen, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	rest = copy;
	while (!ret && (pair = strsep(&rest, ","))) {
		pair = trim(pair);
		if (*pair)
			ret = parse_pair(pair, vif, seen, err, errlen);
	}
	free(copy);
	return ret;
}
