// SPDX-License-Identifier: GPL-2.0
/*
 * The providers that there are, and which of them are used. That is found out
 * once, when noxs_core is loaded.
 */
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "provider.h"

/* In the order in which a guest asks them. */
static const struct noxs_guest_provider * const guest_providers[] = {
	&noxs_hypervisor_guest,
	&noxs_handle_guest,
};

/* The handle comes last: what it says of the page counts. */
static const struct noxs_host_provider * const host_providers[] = {
	&noxs_hypervisor_host,
	&noxs_handle_host,
};

static_assert(ARRAY_SIZE(host_providers) == NOXS_PROVIDERS);

static char *provider = "auto";
module_param(provider, charp, 0444);
MODULE_PARM_DESC(provider,
		 "Who keeps the device pages: hypervisor, handle, or auto (default), in a host each that works, in a guest the first that has one");

const struct noxs_guest_provider *noxs_guest_provider;

/* Those in use in the host, a bit for each. */
static unsigned long host_in_use;

static bool is_wanted(const char *name)
{
	return !strcmp(provider, "auto") || !strcmp(provider, name);
}

static int check_parameter(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(host_providers); i++)
		if (is_wanted(host_providers[i]->name))
			return 0;
	pr_err("provider=%s is none of auto, hypervisor and handle\n",
	       provider);
	return -EINVAL;
}

/**
 * noxs_provider_open() - find this guest's device page, and whom to ask about it
 * @page: out: the page, mapped for reading
 *
 * Return: 0, -ENODEV if this guest has none, or another -errno
 */
int noxs_provider_open(const struct noxs_devpage **page)
{
	unsigned int i;
	int err;

	err = check_parameter();
	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(guest_providers); i++) {
		if (!is_wanted(guest_providers[i]->name))
			continue;
		err = guest_providers[i]->open(page);
		if (!err)
			noxs_guest_provider = guest_providers[i];
		if (err != -ENODEV)
			return err;
	}
	return -ENODEV;
}

/**
 * noxs_provider_probe() - find out who is to keep guests' device pages
 *
 * Return: 0, -ENODEV if nobody can, or another -errno
 */
int noxs_provider_probe(void)
{
	unsigned int i;
	int err;

	err = check_parameter();
	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(host_providers); i++) {
		if (!is_wanted(host_providers[i]->name))
			continue;
		err = host_providers[i]->probe();
		if (!err)
			host_in_use |= BIT(i);
		else if (err != -ENODEV)
			return err;
	}
	if (!host_in_use) {
		pr_err("provider=%s doesn't work on this Xen\n", provider);
		return -ENODEV;
	}
	return 0;
}

/**
 * noxs_provider_show() - say which are used
 * @buf: of sysfs: their names
 *
 * Return: its length
 */
ssize_t noxs_provider_show(char *buf)
{
	unsigned int i;
	int len = 0;

	if (noxs_guest_provider)
		return sysfs_emit(buf, "%s\n", noxs_guest_provider->name);
	for (i = 0; i < ARRAY_SIZE(host_providers); i++)
		if (host_in_use & BIT(i))
			len += sysfs_emit_at(buf, len, "%s%s", len ? " " : "",
					     host_providers[i]->name);
	return len + sysfs_emit_at(buf, len, "\n");
}

/**
 * noxs_pages_add() - make an empty device page for a guest
 * @pages: out: the page
 * @domid: the guest
 * @handle: random in; out: what the guest's domain is to have
 *
 * Return: 0 or -errno
 */
int noxs_pages_add(struct noxs_host_pages *pages, domid_t domid,
		   u8 handle[NOXS_HANDLE_SIZE])
{
	struct noxs_host_page *hp;
	unsigned int i;

	memset(pages, 0, sizeof(*pages));
	for (i = 0; i < ARRAY_SIZE(host_providers); i++) {
		if (!(host_in_use & BIT(i)))
			continue;
		hp = host_providers[i]->add_domain(domid, handle);
		if (IS_ERR(hp)) {
			noxs_pages_del(pages);
			return PTR_ERR(hp);
		}
		pages->page[i] = hp;
	}
	return 0;
}

/**
 * noxs_pages_set_slot() - fill a free slot, and tell the guest
 * @pages: its page
 * @nr: the slot
 * @slot: what it is to say
 *
 * Return: 0 or -errno
 */
int noxs_pages_set_slot(struct noxs_host_pages *pages, unsigned int nr,
			const struct noxs_slot *slot)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(host_providers); i++) {
		if (!pages->page[i])
			continue;
		err = host_providers[i]->set_slot(pages->page[i], nr, slot);
		if (err)
			goto err_clear_slots;
	}
	return 0;

err_clear_slots:
	while (i--)
		if (pages->page[i])
			host_providers[i]->clear_slot(pages->page[i], nr);
	return err;
}

/**
 * noxs_pages_clear_slot() - free a slot, and tell the guest, if there still is one
 * @pages: its page
 * @nr: the slot
 */
void noxs_pages_clear_slot(struct noxs_host_pages *pages, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(host_providers); i++)
		if (pages->page[i])
			host_providers[i]->clear_slot(pages->page[i], nr);
}

/**
 * noxs_pages_del() - take the page away, whatever the guest does with it
 * @pages: the page
 */
void noxs_pages_del(struct noxs_host_pages *pages)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(host_providers); i++)
		if (pages->page[i])
			host_providers[i]->del_domain(pages->page[i]);
}
