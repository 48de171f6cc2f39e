// SPDX-License-Identifier: GPL-2.0
/*
 * The ACPI tables of a PVH guest, by the ACPI specification 5.1, sections
 * 5.2.5 to 5.2.12: RSDP -> XSDT -> FADT -> DSDT, and XSDT -> MADT.
 *
 * There is nothing that needs ACPI but the virtual CPUs: the MADT names their
 * local APICs. Without it Linux takes the machine for one that has none, and
 * never sets up Xen's clock. The FADT says that ACPI has no hardware (and
 * neither has the machine a PIC, a VGA or a real-time clock). The DSDT is
 * there because there must be one; it has no code.
 *
 * All is in a page that is ACPI memory in the guest's memory map.
 */
#include <assert.h>
#include <string.h>

#include "xen/acpi.h"

#define packed		__attribute__((packed))

#define TABLE_ALIGN	16

#define OEM_ID		"NOXS  "
#define OEM_TABLE_ID	"CHAOS   "
#define CREATOR_ID	"NOXS"

#define RSDP_REVISION	2	/* since ACPI 2.0 */
#define XSDT_REVISION	1
#define MADT_REVISION	3
#define FADT_REVISION	5
#define DSDT_REVISION	2	/* integers in its code have 64 bits */

struct rsdp {
	char signature[8];
	uint8_t checksum;		/* of the first 20 bytes */
	char oem_id[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length;
	uint64_t xsdt;
	uint8_t extended_checksum;	/* of all */
	uint8_t reserved[3];
} packed;

struct header {
	char signature[4];
	uint32_t length;
	uint8_t revision;
	uint8_t checksum;		/* of the table */
	char oem_id[6];
	char oem_table_id[8];
	uint32_t oem_revision;
	char creator_id[4];
	uint32_t creator_revision;
} packed;

struct xsdt {
	struct header header;
	uint64_t fadt;
	uint64_t madt;
} packed;

#define FADT_NO_VGA		(1U << 2)	/* boot_flags */
#define FADT_NO_CMOS_RTC	(1U << 5)
#define FADT_WBINVD		(1U << 0)	/* flags; must be set */
#define FADT_HW_REDUCED		(1U << 20)

struct fadt {
	struct header header;
	uint32_t facs;
	uint32_t dsdt;
	uint8_t legacy_hardware[65];
	uint16_t boot_flags;
	uint8_t reserved;
	uint32_t flags;
	uint8_t reset[13];
	uint8_t arm[2];
	uint8_t minor_revision;
	uint64_t x_facs;
	uint64_t x_dsdt;
	uint8_t x_legacy_hardware[120];
} packed;

#define LAPIC_ADDRESS		0xfee00000U
#define LAPIC_TYPE		0
#define LAPIC_ENABLED		(1U << 0)

struct lapic {
	uint8_t type;
	uint8_t length;
	uint8_t processor_uid;
	uint8_t apic_id;
	uint32_t flags;
} packed;

struct madt {
	struct header header;
	uint32_t lapic_address;
	uint32_t flags;
	struct lapic lapic[];
} packed;

static_assert(sizeof(struct rsdp) == 36, "RSDP");
static_assert(sizeof(struct header) == 36, "header");
static_assert(sizeof(struct fadt) == 268, "FADT");
static_assert(offsetof(struct fadt, boot_flags) == 109, "FADT.boot_flags");
static_assert(offsetof(struct fadt, flags) == 112, "FADT.flags");
static_assert(offsetof(struct fadt, x_dsdt) == 140, "FADT.x_dsdt");
static_assert(sizeof(struct madt) == 44, "MADT");
static_assert(sizeof(struct lapic) == 8, "local APIC");

#define ALIGNED(type) \
	((sizeof(type) + TABLE_ALIGN - 1) / TABLE_ALIGN * TABLE_ALIGN)
#define XSDT_AT		ALIGNED(struct rsdp)
#define FADT_AT		(XSDT_AT + ALIGNED(struct xsdt))
#define DSDT_AT		(FADT_AT + ALIGNED(struct fadt))
#define MADT_AT		(DSDT_AT + ALIGNED(struct header))

static_assert(MADT_AT + sizeof(struct madt) +
	      ACPI_VCPUS_MAX * sizeof(struct lapic) <= ACPI_SIZE, "all fits");
/* 255 means every local APIC. */
static_assert((ACPI_VCPUS_MAX - 1) * 2 < 255, "APIC ids are bytes");

/* What makes the sum of all bytes 0. */
static uint8_t checksum(const void *start, size_t len)
{
	const uint8_t *bytes = start;
	uint8_t sum = 0;

	while (len--)
		sum += *bytes++;
	return -sum;
}

static void finish(struct header *header, const char *signature,
		   uint8_t revision, size_t len)
{
	memcpy(header->signature, signature, sizeof(header->signature));
	header->length = len;
	header->revision = revision;
	memcpy(header->oem_id, OEM_ID, sizeof(header->oem_id));
	memcpy(header->oem_table_id, OEM_TABLE_ID,
	       sizeof(header->oem_table_id));
	header->oem_revision = 1;
	memcpy(header->creator_id, CREATOR_ID, sizeof(header->creator_id));
	header->creator_revision = 1;
	header->checksum = checksum(header, len);
}

static void build_rsdp(struct rsdp *rsdp)
{
	memcpy(rsdp->signature, "RSD PTR ", sizeof(rsdp->signature));
	memcpy(rsdp->oem_id, OEM_ID, sizeof(rsdp->oem_id));
	rsdp->revision = RSDP_REVISION;
	rsdp->length = sizeof(*rsdp);
	rsdp->xsdt = ACPI_ADDRESS + XSDT_AT;
	rsdp->checksum = checksum(rsdp, offsetof(struct rsdp, length));
	rsdp->extended_checksum = checksum(rsdp, sizeof(*rsdp));
}

static void build_xsdt(struct xsdt *xsdt)
{
	xsdt->fadt = ACPI_ADDRESS + FADT_AT;
	xsdt->madt = ACPI_ADDRESS + MADT_AT;
	finish(&xsdt->header, "XSDT", XSDT_REVISION, sizeof(*xsdt));
}

static void build_fadt(struct fadt *fadt)
{
	fadt->boot_flags = FADT_NO_VGA | FADT_NO_CMOS_RTC;
	fadt->flags = FADT_WBINVD | FADT_HW_REDUCED;
	fadt->minor_revision = 1;
	fadt->x_dsdt = ACPI_ADDRESS + DSDT_AT;
	finish(&fadt->header, "FACP", FADT_REVISION, sizeof(*fadt));
}

static size_t build_madt(struct madt *madt, unsigned int vcpus)
{
	size_t len = sizeof(*madt) + vcpus * sizeof(madt->lapic[0]);
	unsigned int i;

	madt->lapic_address = LAPIC_ADDRESS;
	for (i = 0; i < vcpus; i++) {
		madt->lapic[i].type = LAPIC_TYPE;
		madt->lapic[i].length = sizeof(madt->lapic[i]);
		madt->lapic[i].processor_uid = i;
		/* As Xen numbers them. */
		madt->lapic[i].apic_id = 2 * i;
		madt->lapic[i].flags = LAPIC_ENABLED;
	}
	finish(&madt->header, "APIC", MADT_REVISION, len);
	return len;
}

size_t acpi_build(void *tables, unsigned int vcpus)
{
	char *start = tables;

	memset(start, 0, ACPI_SIZE);
	build_rsdp(tables);
	build_xsdt((void *)(start + XSDT_AT));
	build_fadt((void *)(start + FADT_AT));
	finish((void *)(start + DSDT_AT), "DSDT", DSDT_REVISION,
	       sizeof(struct header));
	return MADT_AT + build_madt((void *)(start + MADT_AT), vcpus);
}
