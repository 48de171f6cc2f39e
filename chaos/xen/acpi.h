/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_XEN_ACPI_H
#define CHAOS_XEN_ACPI_H

#include <stddef.h>
#include <stdint.h>

/* Where the tables are in the guest: below what libxenguest puts there. */
#define ACPI_ADDRESS	0xfc000000ULL
#define ACPI_SIZE	4096
#define ACPI_VCPUS_MAX	128

/**
 * acpi_build() - make the ACPI tables of a PVH guest
 * @tables: out: ACPI_SIZE bytes, which go to ACPI_ADDRESS; the RSDP is first
 * @vcpus: virtual CPUs, 1 to ACPI_VCPUS_MAX
 *
 * Return: how many of the bytes are used.
 */
size_t acpi_build(void *tables, unsigned int vcpus);

#endif /* CHAOS_XEN_ACPI_H */
