// SPDX-License-Identifier: GPL-2.0
/*
 * The providers that there are, and which one is used: the first that works here.
 * That is found out once, when noxs_core is loaded.
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "provider.h"

static const struct noxs_guest_provider * const noxs_guest_providers[] = {
	&noxs_handle_guest,
};

static const struct noxs_host_provider * const noxs_host_providers[] = {
	&noxs_handle_host,
};

const struct noxs_guest_provider *noxs_guest_provider;
const struct noxs_host_provider *noxs_host_provider;

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

	for (i = 0; i < ARRAY_SIZE(noxs_guest_providers); i++) {
		err = noxs_guest_providers[i]->open(page);
		if (!err)
			noxs_guest_provider = noxs_guest_providers[i];
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

	for (i = 0; i < ARRAY_SIZE(noxs_host_providers); i++) {
		err = noxs_host_providers[i]->probe();
		if (!err)
			noxs_host_provider = noxs_host_providers[i];
		if (err != -ENODEV)
			return err;
	}
	return -ENODEV;
}

/**
 * noxs_provider_name() - which one it is
 *
 * Return: its name
 */
const char *noxs_provider_name(void)
{
	return noxs_host_provider ? noxs_host_provider->name :
				    noxs_guest_provider->name;
}
